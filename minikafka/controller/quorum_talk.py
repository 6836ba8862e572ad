"""What a voter says to the others without being asked, and when: the rim at which the quorum waits.

Promises     whatever is answered counts only in the turn in which it was asked: a voter whose role has changed in the
             meantime does not listen any more. A voter that does not answer is asked again.
Stands for   the polling loop of KafkaRaftClient and its RequestManager.
Left out     nothing.
Differs      one task for each voter that is asked, instead of one loop over all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minikafka.controller import quorum_fetch
from minikafka.controller import quorum_roles as roles
from minikafka.controller.quorum_voter import Voter
from minikafka.protocol.channel import NETWORK_TROUBLE, Channel
from minikafka.protocol.quorum_requests import (
    BeginQuorumEpochRequest,
    EndQuorumEpochRequest,
    FetchQuorumRequest,
    VoteRequest,
)
from minikafka.world.future import Future, TimedOut

FETCH_WAIT_MS = 500
"""How long the leader may keep an idle fetch of a voter (KafkaRaftClient.MAX_FETCH_WAIT_MS), unless that is more than
half of controller.quorum.fetch.timeout.ms."""

REST = 20_000
"""µs before a request that failed is repeated (the default of controller.quorum.retry.backoff.ms); it doubles."""

LONGEST_REST = 320_000
"""µs: a voter that is back waits no longer to hear of the others."""


class QuorumTalk:
    """Talks for one voter. `changed` is called after each change of its role or high watermark."""

    def __init__(self, voter: Voter, request_timeout: int, changed: Callable[[], None]):
        self.voter = voter
        self.machine = voter.machine
        self.timeout = request_timeout
        self.changed = changed
        self._failures: dict[int, int] = {}
        self._turn = voter.turn
        self._farewells: list[Future] = []
        self._channels: dict[tuple[int, type], Channel] = {}
        voter.changed = self.look

    def start(self) -> None:
        """Begin to keep time."""
        self.voter.start()
        if not self.voter.alone:
            self.machine.spawn(self.keep_time(), "quorum clock")

    async def leave(self) -> None:
        """Resign, if it leads, and let the others know before the process ends; one that does not hear it in
        time will notice."""
        voter = self.voter
        if not voter.leads or voter.alone:
            return
        voter.resign(roles.SHUTTING_DOWN, "it shuts down")
        until = self.machine.now + self.timeout
        for told in self._farewells:
            try:
                await self.machine.within(told, max(1, until - self.machine.now))
            except TimedOut:
                pass

    def look(self) -> None:
        """The voter has changed: begin what its new role has to say."""
        voter = self.voter
        if voter.turn != self._turn:
            self._turn = voter.turn
            match voter.role:
                case roles.FOLLOWER:
                    self.machine.spawn(self.follow(voter.turn), "follow the quorum's leader")
                case roles.PROSPECTIVE | roles.CANDIDATE:
                    self._to_all(self.ask_for_vote)
                case roles.LEADER:
                    self._to_all(self.announce)
                case roles.RESIGNED:
                    self._farewells = self._to_all(self.take_leave)
        self.changed()

    async def keep_time(self) -> None:
        """Tell the voter when its time is up."""
        voter = self.voter
        while True:
            left = voter.deadline - self.machine.now
            if left <= 0:
                voter.time_is_up()
                continue
            try:
                await self.machine.within(voter.news, left)
            except TimedOut:
                pass

    async def ask_for_vote(self, turn: int, other: int) -> None:
        """Ask one voter for its vote until it answers."""
        voter = self.voter
        pre_vote, log = voter.role == roles.PROSPECTIVE, voter.log
        request = VoteRequest(voter.id, voter.directory, voter.epoch, log.last_epoch, log.end_offset, pre_vote)
        while voter.turn == turn:
            answer = await self._ask(other, request)
            if answer is not None and voter.turn == turn:
                voter.count(other, answer)
                return

    async def announce(self, turn: int, other: int) -> None:
        """Tell one voter who leads, again and again while it does not fetch."""
        voter, rhythm = self.voter, self.voter.fetch_timeout // 2
        while voter.turn == turn:
            if voter.reign.heard_within(other, rhythm, self.machine.now):
                await self.machine.sleep(rhythm)
                continue
            answer = await self._ask(other, BeginQuorumEpochRequest(voter.id, voter.epoch))
            if answer is not None and voter.turn == turn:
                voter.hear(answer.leader_epoch, answer.leader_id)
                await self.machine.sleep(rhythm)

    async def take_leave(self, turn: int, other: int) -> None:
        """Tell one voter that this one leads no longer, until it has heard it."""
        voter = self.voter
        request = EndQuorumEpochRequest(voter.id, voter.epoch, voter.successors)
        while voter.turn == turn:
            answer = await self._ask(other, request)
            if answer is not None and voter.turn == turn:
                voter.hear(answer.leader_epoch, answer.leader_id)
                return

    async def follow(self, turn: int) -> None:
        """Fetch from the leader for as long as it is followed."""
        voter = self.voter
        wait = min(FETCH_WAIT_MS, voter.fetch_timeout // 2000)
        while voter.turn == turn:
            answer = await self._ask(voter.leader, quorum_fetch.question(voter, wait))
            if answer is not None and voter.turn == turn and not quorum_fetch.take_answer(voter, answer):
                await self.machine.sleep(REST)

    async def _ask(self, other: int, request: Any) -> Any:
        """The answer, or after a rest None. A fetch has a connection of its own: a vote must not wait behind it."""
        key = (other, FetchQuorumRequest if isinstance(request, FetchQuorumRequest) else VoteRequest)
        channel = self._channels.get(key)
        if channel is None:
            channel = self._channels[key] = Channel(self.machine, self.voter.voters[other])
        try:
            answer = await channel.ask(request, self.timeout)
        except NETWORK_TROUBLE:
            failures = self._failures[other] = self._failures.get(other, -1) + 1
            await self.machine.sleep(min(REST << min(failures, 10), LONGEST_REST))
            return None
        self._failures.pop(other, None)
        return answer

    def _to_all(self, say: Callable) -> list[Future]:
        words = say.__name__.replace("_", " ")
        return [self.machine.spawn(say(self.voter.turn, other), words) for other in self.voter.others]
