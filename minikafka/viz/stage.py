"""The stage: a world's trace, to be played, stepped, questioned and changed in the browser.

Promises     `Stage(world)` shows everything that the recorder kept and changes nothing; interventions fork the world
             and both branches
             stay; in a notebook that was not run a sentence, a picture and tables stand in its place; `to_html` writes
             a file that plays offline.
Stands for   what dashboards, log searches and captures show an operator in pieces.
Left out     worlds that go on while they are watched.
Differs      the whole trace travels once; the browser plays it without asking again.
"""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from minikafka.protocol.topic_settings import TOPIC
from minikafka.viz.branches import Branch, Refused, from_scenario, intervene
from minikafka.viz.question import Question
from minikafka.viz.scene import Scene
from minikafka.viz.static_page import stage_page
from minikafka.viz.still import group_tables, quorum_table, replica_table, still_svg
from minikafka.viz.view import Table, picture
from minikafka.world.quantities import say_time, us
from minikafka.world.world import World

HERE = Path(__file__).resolve().parent
NOTHING_KEPT = 'This world kept no events to show: make it with World(seed=…, keep="everything").'


@cache
def module() -> str:
    """The one ES module: the files of `stage_js/` in their order. There is no other build."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((HERE / "stage_js").glob("*.js")))


@cache
def style() -> str:
    """The stage's style sheet."""
    return (HERE / "stage.css").read_text(encoding="utf-8")


class Stage(anywidget.AnyWidget):
    """`Stage(world)`: begins at `at` ("5s"; the first record if not said), with these `partitions` shown and these
    `questions` asked. `only_watch` says in a sentence why nothing can be done to this world; then nothing is."""

    _esm = module()
    _css = style()
    scene = traitlets.Dict().tag(sync=True)
    scenario = traitlets.Unicode().tag(sync=True)
    forks = traitlets.List().tag(sync=True)
    questions = traitlets.List().tag(sync=True)
    options = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        world: World,
        title: str | None = None,
        at: str | int | None = None,
        partitions: Sequence[str] | str | None = None,
        questions: Sequence[Question] = (),
        only_watch: str = "",
    ):
        self._scene = Scene(world)
        self.branches = [Branch(world, "as it happened")]
        partitions = [partitions] if isinstance(partitions, str) else [str(partition) for partition in partitions or ()]
        start = self._first_record() if at is None else us(at)
        self.title = title or _title(world)
        self.only_watch = only_watch
        super().__init__(
            scene=self._scene.message,
            scenario="" if only_watch else world.scenario(),
            questions=[question.message(self._scene) for question in questions],
            options={"title": self.title, "start": start, "partitions": partitions, "live": not only_watch,
                     "only watch": only_watch,
                     "settings": [[name, str(setting.default), setting.doc] for name, setting in TOPIC.items()]},
        )
        self.on_msg(self._asked)

    # -- forms --------------------------------------------------------------------------------------------------

    def sentence(self) -> str:
        """The stage in one sentence."""
        scene = self._scene
        if not scene.trace:
            return NOTHING_KEPT if scene.recorded else "Nothing has happened in this world yet."
        stops = sum(not moment.quiet for moment in scene.moments)
        where = f"{len(scene.where)} machines in {len(scene.regions)} region{'s' if len(scene.regions) != 1 else ''}"
        return f"{self.title}: {say_time(scene.end)} of {where}, in {stops:,} steps. Run the cell to play it."

    def transcript(self, since: str | int = 0, until: str | int | None = None, routine: bool = False) -> str:
        """Every step in words, one a line, between two times; with `routine` also those that views step over."""
        scene, first, last = self._scene, us(since), self._scene.end if until is None else us(until)
        lines = []
        for moment in scene.moments:
            time = scene.trace[moment.first].time
            if first <= time <= last and (routine or not moment.quiet):
                lines.append(f"{say_time(time):>10}  {scene.sentence(moment.headline)}")
        return "\n".join(lines)

    def table(self, at: str | int | None = None) -> Table:
        """Every replica with its numbers at a time (the end, if not said)."""
        return replica_table(self._scene, self._scene.moment_at(self._scene.end if at is None else us(at)))

    def groups(self, at: str | int | None = None) -> list[Table]:
        """For each consumer group what it has committed and who reads it, at a time (the end, if not said)."""
        return group_tables(self._scene, self._scene.moment_at(self._scene.end if at is None else us(at)))

    def quorum(self, at: str | int | None = None) -> Table | None:
        """Every voter of the controllers' quorum, at a time (the end, if not said); None if one decides alone."""
        return quorum_table(self._scene, self._scene.moment_at(self._scene.end if at is None else us(at)))

    def svg(self, at: str | int | None = None) -> str:
        """A picture that stands still, at a time (the end, if not said)."""
        return still_svg(self._scene, self._scene.moment_at(self._scene.end if at is None else us(at)), self.title)

    def html(self) -> str:
        """A sentence, picture and tables: what stands in a notebook that has not been run."""
        sentence = f"<p>{html.escape(self.sentence())}</p>"
        tables = "".join(table.html() for table in (self.table(), self.quorum(), *self.groups()) if table)
        return f"{sentence}{picture(self.svg(), self.sentence())}{tables}"

    def payload(self) -> str:
        """What travels to the browser, as JSON."""
        return json.dumps(self.scene, separators=(",", ":"))

    def to_html(self, path: str | Path) -> Path:
        """Write one self-contained file that plays offline, with all branches; returns its path."""
        state = {
            "scene": self.scene,
            "scenario": self.scenario,
            "forks": self.forks,
            "questions": self.questions,
            "options": {**self.options, "live": False},
        }
        written = Path(path)
        written.write_text(stage_page(self.title, module(), style(), state, self.html()), encoding="utf-8")
        return written

    def __repr__(self) -> str:
        return self.sentence()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        found = super()._repr_mimebundle_(**options)
        data, metadata = found if isinstance(found, tuple) else (found or {}, {})
        return {**data, "text/plain": self.sentence(), "text/html": self.html()}, metadata

    # -- interventions ------------------------------------------------------------------------------------------

    def intervene(self, verb: str, *targets: str, at: str | int, branch: int = 0, **extra: Any) -> World:
        """Fork a branch at `at`, do it there ("crash", "primary/b1"), and add the new branch to the stage. Returns
        its world."""
        if self.only_watch:
            raise Refused(self.only_watch)
        world = self.branches[branch].world
        return self._add(intervene(world, verb, targets, us(at), self._scene.end, extra))

    def play_scenario(self, text: str) -> World:
        """Add the world of a scenario string as a branch. Returns it."""
        return self._add(from_scenario(type(self.branches[0].world), text, self._scene.end))

    def add_branch(self, world: World, said: str) -> World:
        """Compare with a world that somebody else made: a fork with other settings, a counter-example."""
        return self._add(Branch(world, said))

    def _add(self, branch: Branch) -> World:
        scene = Scene(branch.world)
        self.branches.append(branch)
        told = {"said": branch.said, "left out": branch.left_out, "scenario": branch.world.scenario()}
        self.forks = [*self.forks, {**told, "scene": scene.message}]
        return branch.world

    def _asked(self, _: Any, content: dict[str, Any], buffers: Any) -> None:
        """A button was pressed in the browser."""
        try:
            if content.get("type") == "paste":
                self.play_scenario(str(content.get("text", "")))
            elif content.get("type") == "intervene":
                targets = [str(target) for target in content.get("targets", ())]
                extra = {name: str(value) for name, value in (content.get("extra") or {}).items()}
                self.intervene(
                    str(content.get("verb")),
                    *targets,
                    at=int(content["at"]),
                    branch=int(content.get("branch", 0)),
                    **extra,
                )
            made = self.branches[-1]
            text = f"Branch {chr(64 + len(self.branches))}: {made.said}. {made.left_out}"
            self.send({"type": "done", "text": text.strip()})
        except Refused as refusal:
            self.send({"type": "refused", "text": str(refusal)})
        except Exception as error:
            self.send({"type": "refused", "text": f"The branch stopped before its end: {error}"})

    def _first_record(self) -> int:
        kinds = ("BatchSent", "TopicCreated")
        for kind in kinds:
            for entry in self._scene.trace:
                if entry.kind == kind:
                    return entry.time
        return 0


def _title(world: World) -> str:
    clusters = list(getattr(world, "clusters", {}))
    return f"The stage of {' and '.join(clusters)}" if clusters else "The stage"
