"""Every question, and every wait of a server, is held across a change of office by some story called held_*.

The stories themselves show what follows: laws are watched while they are told, and their transcripts are compared.
"""

import pytest
from house import ROOT
from waits import Waits, waits_of_servers

from minikafka.protocol.message import REQUESTS
from minikafka.story.commands import COMMANDS
from minikafka.story.teller import tell_file

ANOTHER_STORY = "it only strikes rows out of the answer of a handler that has a story of its own"
NOT_HELD = {
    "broker.access_desk.handle: handler": ANOTHER_STORY,
    "broker.refusals.handle: handler": ANOTHER_STORY,
    "broker.transaction_permissions.handle: handler": ANOTHER_STORY,
    "broker.follower._wait_for_work: self.machine.within": "a rest, after which it looks anew",
    "broker.transactions_topic._verified: self.coordination.add_partitions": "a broker answers itself at once",
    "broker.verification.commit_offsets_in_transaction: _verify": "the question that held_verification holds",
    "controller.quorum_fetch.fetch_quorum: voter.machine.within":
        "the leader stops to wait when it resigns, before another one is elected",
    "coordinator.transaction_coordinator.end: self._new_id_if":
        "after 32,766 transactions; held_fresh_identity holds the same question",
}  # fmt: skip
"""Waits without a story, and why. This list only shrinks."""



def watched(names):
    """What was held while the stories of these names were told."""
    waits = Waits()
    with pytest.MonkeyPatch.context() as patch:
        waits.watch(patch)
        for path in sorted((ROOT / "tests/stories").glob(names)):
            waits.story = path.stem
            tell_file(path, COMMANDS)
    return waits


@pytest.fixture(scope="module")
def held():
    return watched("held_*.txt")


def test_nothing_is_held_where_nobody_is_elected():
    quiet = watched("first_record.txt")
    assert (quiet.questions, quiet.lines) == ({}, {})


def test_every_question_is_held_by_some_story(held):
    missing = [kind.__name__ for kind in REQUESTS.values() if kind not in held.questions]
    assert not missing, (
        f"{', '.join(missing)}: tell a story tests/stories/held_*.txt in which the answer comes only after somebody "
        "else was elected, and show that it does no harm")  # fmt: skip


def test_every_wait_of_a_server_is_held_by_some_story(held):
    places: dict[str, bool] = {}
    for name, path, lines in waits_of_servers():
        places[name] = places.get(name, False) or any((path, line) in held.lines for line in lines)
    missing = [name for name, is_held in places.items() if not is_held and name not in NOT_HELD]
    assert not missing, f"no story holds these across an election: {'; '.join(missing)}"
    idle = [name for name in NOT_HELD if places.get(name, True)]
    assert not idle, f"take these out of NOT_HELD, a story holds them now, or they are gone: {idle}"


def test_every_story_of_that_name_holds_something(held):
    holding = {story for stories in (*held.questions.values(), *held.lines.values()) for story in stories}
    named = {path.stem for path in (ROOT / "tests/stories").glob("held_*.txt")}
    assert named - holding == set()
