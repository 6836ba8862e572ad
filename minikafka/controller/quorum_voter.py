"""One voter: its role, its epoch, its vote; and what it answers the others.

Promises     a vote is on disk before it is given; there is one vote for each epoch; only an answer or a timeout changes
             a role, as the table in `quorum_roles` says. Each change is told, unless there is nobody to agree with.
             A request from outside its voters changes nothing, and hears INCONSISTENT_VOTER_SET.
Stands for   KafkaRaftClient and QuorumState.
Left out     observers, the change of voters at run time, snapshots, the linger of an append.
Differs      when a leader has resigned, its n-th best successor rests an eighth of the election timeout, doubled n
             times, before it stands (the best not at all); Kafka reckons with the election backoff.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from minikafka.controller import quorum_roles as roles
from minikafka.controller import quorum_rules as rules
from minikafka.controller.metadata_log import MetadataLog
from minikafka.controller.quorum_reign import Reign
from minikafka.controller.quorum_state import NOBODY, ElectionState, QuorumStateFile, directory_id
from minikafka.events import quorum as told
from minikafka.protocol.errors import Error
from minikafka.protocol.names import NO_EPOCH
from minikafka.protocol.quorum_requests import (
    BeginQuorumEpochRequest,
    BeginQuorumEpochResponse,
    EndQuorumEpochRequest,
    EndQuorumEpochResponse,
    VoteRequest,
    VoteResponse,
)
from minikafka.protocol.settings import Config
from minikafka.world.machine import Machine


class Voter:
    """`role` is a word of the table, `state` what is on disk; `turn` counts the changes of role: whoever
    has waited compares it.

    `changed` is called after each change of role or high watermark, `tell` with what happens.
    """

    def __init__(
        self,
        machine: Machine,
        voter_id: int,
        voters: Mapping[int, str],
        config: Config,
        log: MetadataLog,
        changed: Callable[[], None] = lambda: None,
    ):
        self.machine = machine
        self.id = voter_id
        self.voters = dict(voters)
        self.others = [voter for voter in voters if voter != voter_id]
        self.log = log
        self.changed = changed
        self.tell: Callable[[NamedTuple], Any] = lambda event: None
        self.election_timeout = config.us("controller.quorum.election.timeout.ms")
        self.fetch_timeout = config.us("controller.quorum.fetch.timeout.ms")
        self.longest_backoff = config.us("controller.quorum.election.backoff.max.ms")
        self.dice = machine.dice("quorum")
        self.directory = directory_id(machine.disk, self.dice)
        self.file = QuorumStateFile(machine.disk)
        self.state: ElectionState = self.file.read()
        self.role = roles.RESIGNED if self.state.leader_id == voter_id else roles.UNATTACHED
        self.reign: Reign | None = None
        self.successors: list[int] = []
        self.granted: dict[int, bool] = {}
        self.turn = 0
        self.heard_leader = False
        self.deadline = machine.now + self._patience()
        self.news = machine.future()

    def start(self) -> None:
        """Begin: the only voter leads at once, one that knew a leader follows it again, others wait for their time."""
        if self.alone:
            self.stand()
        elif self.role == roles.UNATTACHED and self.state.leader_id in self.others:
            self.move(roles.LEADER_HEARD, patience=self.fetch_timeout)
            self.tell(told.BecameQuorumFollower(self.epoch, self.leader))
            self.changed()

    # -- looking ------------------------------------------------------------------------------------------------

    @property
    def alone(self) -> bool:
        """Is this the only voter?"""
        return not self.others

    @property
    def epoch(self) -> int:
        """The latest epoch it knows of."""
        return self.state.epoch

    @property
    def leader(self) -> int:
        """Who leads in this epoch, -1 if it does not know."""
        return self.state.leader_id if self.role != roles.RESIGNED else NOBODY

    @property
    def leads(self) -> bool:
        """Is it the leader of its epoch?"""
        return self.role == roles.LEADER

    @property
    def may_decide(self) -> bool:
        """Does it lead, and is a record of its own epoch committed, and with that everything before?"""
        return self.leads and (self.alone or self.log.high_watermark > self.reign.epoch_start)

    # -- the one place where a role changes -----------------------------------------------------------------------

    def move(self, happened: str, state: ElectionState | None = None, patience: int | None = None) -> None:
        """Take the role that follows, with this state on disk first; it lasts `patience` µs, if nothing happens."""
        self.role = roles.MOVES[self.role, happened]
        if state is not None and state != self.state:
            self.file.write(state)
            self.state = state
        self.turn += 1
        self.heard_leader = False
        if self.role != roles.LEADER:
            self.reign = None
        self.granted = {}
        self.deadline = self.machine.now + (self._patience() if patience is None else patience)
        self.wake()

    def wake(self) -> None:
        """Something is new: whoever waits for it looks again."""
        news, self.news = self.news, self.machine.future()
        news.set()

    def _patience(self) -> int:
        return self.election_timeout + (self.dice.randrange(self.election_timeout) if self.others else 0)

    # -- what time brings -----------------------------------------------------------------------------------------

    def time_is_up(self) -> None:
        """The deadline has passed."""
        match self.role:
            case roles.FOLLOWER:
                self.ask_for_pre_votes(roles.FETCH_TIMEOUT)
            case roles.UNATTACHED | roles.CANDIDATE:
                self.ask_for_pre_votes(roles.ELECTION_TIMEOUT)
            case roles.PROSPECTIVE:
                self.lose()
            case roles.LEADER:
                heard = self.reign.majority_heard_at(self.machine.now)
                self.deadline = heard + 3 * self.fetch_timeout // 2
                if self.deadline <= self.machine.now:
                    why = f"no majority has fetched for {(self.machine.now - heard) / 1_000_000:g} s"
                    self.resign(roles.NO_MAJORITY_FETCHES, why)
            case roles.RESIGNED:
                self.detach(self.epoch + 1, roles.ELECTION_TIMEOUT, "its own reign is over")

    def ask_for_pre_votes(self, why: str) -> None:
        """Begin to ask whether the others would vote for this voter: a leader may be there, only not for this one."""
        self.move(why)
        self.granted = {self.id: True}
        self.tell(told.BecameProspective(self.epoch, self.log.last_epoch, self.log.end_offset, why))
        self.changed()

    def stand(self) -> None:
        """Begin the next epoch with a vote for oneself."""
        happened = roles.ONLY_VOTER if self.alone else roles.PRE_VOTES_WON
        self.move(happened, ElectionState(self.epoch + 1, NOBODY, self.id, self.directory))
        self.granted = {self.id: True}
        self.tell(told.BecameCandidate(self.epoch, self.log.last_epoch, self.log.end_offset))
        self.changed()
        if self.alone:
            self.lead()

    def lead(self) -> None:
        """Enough votes: begin to lead, with a record that says so. It is committed as soon as a majority has it."""
        votes = tuple(voter for voter, granted in self.granted.items() if granted)
        self.move(roles.VOTES_WON, self.state._replace(leader_id=self.id), 3 * self.fetch_timeout // 2)
        start = self.log.end_offset
        self.reign = Reign(self.epoch, start, self.others, self.machine.now)
        self.tell(told.BecameQuorumLeader(self.epoch, tuple(sorted(votes)), start))
        if not self.alone:
            self.log.begin_epoch(self.epoch, self.id, self.machine.now)
        self.advance()
        self.changed()

    def lose(self) -> None:
        """Too few votes. Whoever has asked for pre-votes goes back to where it was; a candidate rests for a while."""
        if self.role == roles.CANDIDATE:
            self.deadline = self.machine.now + self.dice.randint(1, self.longest_backoff)
            self.wake()
            return
        if self.state.leader_id != NOBODY:
            self.move(roles.LOST_LEADER_KNOWN, patience=self.fetch_timeout)
            self.tell(told.BecameQuorumFollower(self.epoch, self.leader))
        else:
            self.move(roles.LOST_NO_LEADER)
            self.tell(told.BecameUnattached(self.epoch, "too few would vote for it"))
        self.changed()

    def resign(self, happened: str, why: str) -> None:
        """Lead no longer, and recommend successors."""
        self.successors = self.reign.successors()
        self.move(happened)
        self.tell(told.QuorumLeaderResigned(self.epoch, why))
        self.changed()

    # -- what the others say --------------------------------------------------------------------------------------

    def detach(self, epoch: int, happened: str, why: str) -> None:
        """There is an epoch in which nobody is known to lead."""
        state = self.state if epoch == self.epoch else ElectionState(epoch)
        self.move(happened, state._replace(leader_id=NOBODY))
        self.tell(told.BecameUnattached(epoch, why))
        self.changed()

    def hear(self, epoch: int, leader: int) -> None:
        """Somebody knows of this epoch, and that this voter (or -1: nobody known) leads in it."""
        is_news = leader not in (NOBODY, self.id) and self.state.leader_id == NOBODY
        if epoch < self.epoch or (epoch == self.epoch and not is_news):
            return
        if leader in (NOBODY, self.id):
            self.detach(epoch, roles.LATER_EPOCH, "another controller knows of it")
            return
        state = self.state if epoch == self.epoch else ElectionState(epoch)
        self.move(roles.LEADER_HEARD, state._replace(leader_id=leader), self.fetch_timeout)
        self.tell(told.BecameQuorumFollower(epoch, leader))
        self.changed()

    def vote(self, request: VoteRequest) -> VoteResponse:
        """Vote. The question alone (a pre-vote) is answered in the same way, and binds to nothing."""
        if request.candidate_id not in self.voters:
            return VoteResponse(Error.INCONSISTENT_VOTER_SET, NOBODY, NO_EPOCH, False)
        if request.epoch < self.epoch:
            return VoteResponse(Error.FENCED_LEADER_EPOCH, self.leader, self.epoch, False)
        if request.epoch > self.epoch:
            self.detach(request.epoch, roles.LATER_EPOCH, f"controller {request.candidate_id} asks for votes in it")
        own = (self.log.last_epoch, self.log.end_offset)
        why = rules.why_no_vote(self.role, self.state, request, own, self.heard_leader)
        if why is not None:
            self.tell(told.VoteRefused(self.epoch, request.candidate_id, request.pre_vote, why))
        else:
            if not request.pre_vote:
                self.give_vote(request)
            self.tell(told.VoteGranted(self.epoch, request.candidate_id, request.pre_vote))
        return VoteResponse(Error.NONE, self.leader, self.epoch, why is None)

    def give_vote(self, request: VoteRequest) -> None:
        """Write the vote down, durably; and give the candidate its time."""
        voted = (request.candidate_id, request.candidate_directory)
        if voted != (self.state.voted_id, self.state.voted_directory):
            state = self.state._replace(voted_id=request.candidate_id, voted_directory=request.candidate_directory)
            self.file.write(state)
            self.state = state
        if self.role == roles.PROSPECTIVE:
            self.move(roles.LOST_NO_LEADER)
            self.tell(told.BecameUnattached(self.epoch, "it votes for another"))
            self.changed()
        self.deadline = self.machine.now + self._patience()

    def count(self, voter: int, answer: VoteResponse) -> None:
        """An answer to this voter's own question, in the turn in which it was asked."""
        turn = self.turn
        self.hear(answer.leader_epoch, answer.leader_id)
        if self.turn != turn:
            return
        self.granted[voter] = answer.vote_granted
        needed = rules.majority_of(len(self.voters))
        refused = sum(not granted for granted in self.granted.values())
        if sum(self.granted.values()) >= needed:
            self.stand() if self.role == roles.PROSPECTIVE else self.lead()
        elif refused > len(self.voters) - needed:
            self.lose()

    def begin_epoch(self, request: BeginQuorumEpochRequest) -> BeginQuorumEpochResponse:
        """Somebody says that it leads."""
        if request.leader_id not in self.voters:
            return BeginQuorumEpochResponse(Error.INCONSISTENT_VOTER_SET, NOBODY, NO_EPOCH)
        self.hear(request.leader_epoch, request.leader_id)
        error = Error.FENCED_LEADER_EPOCH if request.leader_epoch < self.epoch else Error.NONE
        return BeginQuorumEpochResponse(error, self.leader, self.epoch)

    def end_epoch(self, request: EndQuorumEpochRequest) -> EndQuorumEpochResponse:
        """Somebody says that it leads no longer: the first of its successors stands at once."""
        if request.leader_id not in self.voters:
            return EndQuorumEpochResponse(Error.INCONSISTENT_VOTER_SET, NOBODY, NO_EPOCH)
        self.hear(request.leader_epoch, request.leader_id)
        if request.leader_epoch < self.epoch:
            return EndQuorumEpochResponse(Error.FENCED_LEADER_EPOCH, self.leader, self.epoch)
        if self.role == roles.FOLLOWER and self.leader == request.leader_id:
            self.detach(self.epoch, roles.LEADER_HAS_RESIGNED, f"controller {request.leader_id} has resigned")
            place = request.preferred_candidates.index(self.id) if self.id in request.preferred_candidates else 2
            pause = self.election_timeout >> 3
            self.deadline = self.machine.now + (min(pause << place, self.longest_backoff) if place else 0)
            self.wake()
        return EndQuorumEpochResponse(Error.NONE, self.leader, self.epoch)

    # -- the log ----------------------------------------------------------------------------------------------------

    def append(self, facts: Any) -> int:
        """The leader records facts; returns the offset of the last. Committed they are when a majority has them."""
        offset = self.log.append(facts, self.epoch, self.machine.now)
        self.advance()
        return offset

    def advance(self) -> None:
        """The leader looks how far a majority has come; those who wait for facts are woken."""
        old, reached = self.log.high_watermark, self.log.end_offset
        if not self.alone:
            reached = self.reign.high_watermark(self.log.end_offset)
        committed = reached is not None and self.log.commit(reached)
        if committed:
            ends = ((self.id, self.log.end_offset), *((v, known.end_offset) for v, known in self.reign.voters.items()))
            self.tell(told.MetadataCommitted(self.epoch, old, reached, tuple(sorted(ends))))
        self.wake()
        if committed:
            self.changed()
