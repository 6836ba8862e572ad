"""What is said of a learner's rule after its trial.

Promises     one word, one sentence, and with a counter-example its story, the replicas, and the stage at the moment
             it went wrong.
Stands for   a review by a colleague who has seen this before.
Left out     marks.
Differs      the stage replays what happened; it cannot be intervened in, for our own rule is back in its place.
"""

from __future__ import annotations

import html
from typing import Any

from minikafka.classroom.card import marked
from minikafka.classroom.counter_example import CounterExample
from minikafka.classroom.verdict import stage_at


class Judgement:
    """`passed`, `sentence`, and the `counter_example` if there is one."""

    def __init__(self, passed: bool, sentence: str, counter_example: CounterExample | None = None) -> None:
        self.passed = passed
        self.sentence = sentence
        self.counter_example = counter_example

    def __bool__(self) -> bool:
        return self.passed

    @property
    def head(self) -> str:
        """The first words."""
        return "It holds." if self.passed else "Not yet."

    def __repr__(self) -> str:
        lines = [f"{self.head} {self.sentence}"]
        found = self.counter_example
        if found is not None and found.law:
            lines.append(f"The law says: {found.law}")
        if found is not None and found.story:
            lines += ["", f"What happened (the shortest story of seed {found.seed} that shows it):", *found.story]
        if found is not None and found.picture:
            lines += ["", "The replicas then:", found.picture]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        sign = "✓" if self.passed else "✗"
        parts = [f'<div role="status"><p><b>{sign} {self.head}</b> {marked(self.sentence)}</p></div>']
        found = self.counter_example
        if found is not None and found.law:
            parts.append(f"<p><i>The law says:</i> {marked(found.law)}</p>")
        if found is not None and found.story:
            lines = "".join(f"<li>{html.escape(line)}</li>" for line in found.story)
            head = f"What happened, in the shortest story of seed {found.seed} that shows it:"
            parts.append(f"<p>{head}</p><ul>{lines}</ul>")
        if found is not None and found.picture:
            parts.append(f"<p>The replicas then:</p><pre>{html.escape(found.picture)}</pre>")
        return "\n".join(parts)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display({"text/plain": repr(self), "text/html": self._repr_html_()}, raw=True)
        stage = self.stage()
        if stage is not None:
            display(stage)

    def stage(self) -> Any:
        """The stage at the moment it went wrong; None if there is nothing to show, or no stage."""
        found = self.counter_example
        if found is None or found.world is None or not found.story:
            return None
        return stage_at(found.world, found.moment, self.title(found))

    def title(self, found: CounterExample) -> str:
        """What stands above the stage."""
        return f"Seed {found.seed}, at the moment it went wrong"
