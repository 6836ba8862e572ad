"""Where the active controller is: hints, refusals, answers that do not come."""

import pytest
from lone_broker import MS, LoneBroker, S

from minikafka.broker import controller_finder
from minikafka.broker.controller_finder import ControllerChannel, ControllerFinder
from minikafka.protocol.cluster_requests import (
    BrokerHeartbeatRequest,
    BrokerHeartbeatResponse,
    FetchMetadataRequest,
    FetchMetadataResponse,
)
from minikafka.protocol.errors import Error
from minikafka.world.network import Disconnected

BEAT = BrokerHeartbeatRequest(1, 7, 0, False, False)
NOT_HERE = BrokerHeartbeatResponse(Error.NOT_CONTROLLER, False, True, False)
ALIVE = BrokerHeartbeatResponse(Error.NONE, True, False, False)


@pytest.fixture
def site(monkeypatch):
    """A broker, and controllers whose answers the test gives: `site.answers[address]`."""
    site = LoneBroker()
    site.answers, site.asked = {}, []

    class Fake:
        def __init__(self, machine, address):
            self.address = address

        async def ask(self, request, within):
            site.asked.append((site.now, self.address))
            answer = site.answers[self.address]
            if isinstance(answer, Exception):
                raise answer
            return answer

    monkeypatch.setattr(controller_finder, "Channel", Fake)
    site.finder = ControllerFinder(["c1", "c2", "c3"])
    site.channel = ControllerChannel(site.machine, site.finder)
    return site


def test_one_controller_is_never_sought(site):
    finder = ControllerFinder(["c"])
    site.answers = {"c": NOT_HERE}
    assert site.finish(ControllerChannel(site.machine, finder).ask(BEAT, S)) == NOT_HERE
    assert (finder.alone, finder.address, len(site.asked)) == (True, "c", 1)


def test_who_does_not_decide_is_passed_over(site):
    site.answers = {"c1": NOT_HERE, "c2": NOT_HERE, "c3": ALIVE}
    assert site.finish(site.channel.ask(BEAT, S)) == ALIVE
    assert site.asked == [(0, "c1"), (50 * MS, "c2"), (100 * MS, "c3")]
    assert site.finish(site.channel.ask(BEAT, S)) == ALIVE
    assert site.asked[3:] == [(100 * MS, "c3")]


def test_a_hint_leads_there_at_once_but_not_an_old_one(site):
    refused = FetchMetadataResponse(Error.NOT_LEADER_OR_FOLLOWER, 4, 0, b"", 3)
    site.answers = {"c1": refused, "c3": FetchMetadataResponse(Error.NONE, 4, 0, b"")}
    site.finish(site.channel.ask(FetchMetadataRequest(1, 7, 0, 0), S))
    assert [address for _, address in site.asked] == ["c1", "c3"]
    site.finder.refused("c3", 2, 3)
    assert site.finder.address == "c1"
    site.finder.refused("c1", 9, 5)
    assert site.finder.address == "c2"


def test_when_nobody_decides_the_time_runs_out(site):
    site.answers = dict.fromkeys(("c1", "c2", "c3"), NOT_HERE)
    assert site.finish(site.channel.ask(BEAT, 200 * MS)) == NOT_HERE
    assert site.now <= 200 * MS


def test_a_lost_answer_is_lost_and_the_next_question_goes_elsewhere(site):
    site.answers = {"c1": Disconnected("gone"), "c2": ALIVE}
    with pytest.raises(Disconnected):
        site.finish(site.channel.ask(BEAT, S))
    assert site.finish(site.channel.ask(BEAT, S)) == ALIVE
    site.finder.elsewhere("c1")
    assert site.finder.address == "c2"
