"""A committed guess, before anything runs.

Promises     every wrong option stands for a named misconception and has an answer of its own; exactly one option is
             right. The guess is taken before the answer is shown, and kept in the progress file if the prediction has
             a name.
Stands for   peer instruction: guess, discuss, guess again.
Left out     marks, and counting the votes of a room.
Differs      with `later=True` the answer waits for a button or for `.reveal()`: for a projector, or for the run that
             shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import traitlets

from minikafka.classroom.card import Card, flat, marked, paragraphs, script, style
from minikafka.classroom.progress_book import BOOK

LETTERS = "abcdefgh"


class Option(NamedTuple):
    """One answer: its letter, what it says, the misconception behind it ("" for the right one), and what is replied."""

    letter: str
    text: str
    misconception: str
    reply: str
    right: bool = False


class AuthorError(ValueError):
    """The author of a lab wrote something that would not work in front of learners; says what, and what to write."""


class Prediction(Card):
    """The widget. `guess` is the letter that was committed to ("" before), `revealed` whether the answers are open."""

    _esm = script("predict")
    _css = style()
    guess = traitlets.Unicode().tag(sync=True)
    revealed = traitlets.Bool().tag(sync=True)

    def __init__(self, question: str, options: Sequence[Option], later: bool, name: str | None):
        told = {"question": question, "options": [option._asdict() for option in options], "later": later}
        kept = BOOK.entry(name).get("guess", "") if name else ""
        kept = kept if kept in [option.letter for option in options] else ""
        super().__init__(told=told, guess=kept, revealed=bool(kept) and not later)
        self.options = tuple(options)
        self.name = name
        self.observe(self._keep, "guess")

    def reveal(self) -> None:
        """Open the answers: the run has been made."""
        self.revealed = True

    def text(self) -> str:
        """The question and its options; the replies only where they can be folded away."""
        lines = [f"Predict: {flat(self.told['question'])}", *(f"  ({o.letter}) {flat(o.text)}" for o in self.options)]
        return "\n".join([*lines, "Run this cell and commit to a guess: every answer has its reply."])

    def html(self) -> str:
        """The same, with the replies folded away."""
        options = "".join(f"<li>({option.letter}) {marked(option.text)}</li>" for option in self.options)
        replies = "".join(f"<li>({each.letter}) {_idea(each)}{marked(each.reply)}</li>" for each in self.options)
        return (
            f"<p><b>Predict</b></p>{paragraphs(self.told['question'])}<ul>{options}</ul>"
            f"<details><summary>Guess first; then open the answers</summary><ul>{replies}</ul></details>"
        )

    def _keep(self, change: Any) -> None:
        if not self.name:
            return
        right = any(option.right and option.letter == change.new for option in self.options)
        first = BOOK.entry(self.name).get("first guess") or change.new
        BOOK.note(self.name, {"guess": change.new, "first guess": first, "guessed right": right})


def predict(
    question: str, options: Sequence[Any], answer: str | None = None, name: str | None = None, later: bool = False
) -> Prediction:
    """Ask for a guess: `predict("Is it still on the board?", [Option("a", "Yes", "acknowledged means safe", "…"), …])`.

    An option is an `Option` or a tuple like one; `answer="c"` marks the right one if no option says `right=True`.
    `name` ("04/first-guess") keeps the guess. Text between backticks is shown as code; `later` waits with the answer.
    `AuthorError` if the options are not sound.
    """
    made = [_option(option) for option in options]
    if answer is not None:
        if answer not in [option.letter for option in made]:
            raise AuthorError(f"answer={answer!r} is none of the letters {_letters(made)}: name the right one")
        made = [option._replace(right=option.right or option.letter == answer) for option in made]
    for complaint in complaints(question, made):
        raise AuthorError(complaint)
    return Prediction(question, made, later, name)


def complaints(question: str, options: Sequence[Option]) -> list[str]:
    """What is wrong with a prediction, each in a sentence."""
    found = [] if str(question).strip() else ["the question is empty: ask something"]
    letters = [option.letter for option in options]
    right = [option.letter for option in options if option.right]
    if not 2 <= len(options) <= len(LETTERS):
        found.append(f"{len(options)} option(s): a question has 2 to {len(LETTERS)}, and four are usual")
    if len(set(letters)) < len(letters):
        found.append(f"the letters {_letters(options)} are not all different: give each option its own")
    foreign = [letter for letter in letters if letter not in tuple(LETTERS)]
    found += [f"{letter!r} is no letter for an option: take a, b, c …" for letter in foreign]
    if len(right) != 1:
        which = "no option is right" if not right else f"{' and '.join(right)} are both right"
        found.append(f"{which}: mark one with right=True, or name it with answer=")
    for option in options:
        if not option.text.strip() or not option.reply.strip():
            found.append(f"option {option.letter} has no text or no reply: every answer deserves one")
        if not option.right and not option.misconception.strip():
            found.append(f"option {option.letter} is wrong for no reason: name the misconception that it stands for")
    return found


def _option(written: Any) -> Option:
    try:
        option = Option(*written)
    except TypeError:
        option = None
    if option is None or not all(isinstance(field, str) for field in option[:4]):
        raise AuthorError(f"{written!r} is not an option: write Option(letter, text, misconception, reply)")
    return option


def _letters(options: Sequence[Option]) -> str:
    return ", ".join(str(option.letter) for option in options)


def _idea(option: Option) -> str:
    idea = f"<i>“{marked(option.misconception)}.”</i> " if option.misconception else ""
    return ("<b>Right.</b> " if option.right else "") + idea
