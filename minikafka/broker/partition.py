"""One partition on one broker: its role, and the leader's book about its followers.

Promises     a record is committed once every member of the maximal ISR holds it; each change of role, ISR and high
             watermark has one choke point, which records an event and tells the noticeboard.
Stands for   kafka.cluster.Partition.
Left out     log directories, tiered storage. Which replicas are being added or removed only the controller knows.
Differs      metadata with the partition epoch that is known already is not applied again, so it cannot undo a pending
             change; another min.insync.replicas may commit something at once, where Kafka waits for the next append,
             follower or change of the ISR.

    state     on                   becomes
    offline   become_leader        leader
    offline   become_follower      follower
    offline   go_offline           offline
    follower  become_leader        leader
    follower  become_follower      follower
    follower  go_offline           offline
    leader    become_leader        leader
    leader    become_follower      follower
    leader    go_offline           offline
"""

from __future__ import annotations

from minikafka.broker import fencing, high_watermark, isr_rules, observer_rules
from minikafka.broker.isr_state import Committed, IsrState
from minikafka.broker.noticeboard import APPENDED, COMMITTED, IN_SYNC, REIGN, STARTED, Noticeboard
from minikafka.broker.replica import Replica
from minikafka.broker.surroundings import Surroundings
from minikafka.events import replication as events
from minikafka.log.batch_validation import CLIENT
from minikafka.log.partition_log import Appended, PartitionLog
from minikafka.metadata.observer_policy import expected_in_sync
from minikafka.metadata.registrations import PartitionRegistration
from minikafka.protocol.names import NO_EPOCH, NO_LEADER, TopicPartition
from minikafka.protocol.settings import Config

LEADER, FOLLOWER, OFFLINE = "leader", "follower", "offline"
ROLES = {"become_leader": LEADER, "become_follower": FOLLOWER, "go_offline": OFFLINE}
MOVES = {(role, verb): becomes for role in (OFFLINE, FOLLOWER, LEADER) for verb, becomes in ROLES.items()}


class Partition:
    """A replica of a partition. While it leads, `replicas` holds what it knows of the others, by broker id."""

    def __init__(self, tp: TopicPartition, topic_id: str, log: PartitionLog, config: Config, around: Surroundings):
        self.tp = tp
        self.topic_id = topic_id
        self.log = log
        self.config = config
        self.around = around
        self.role = OFFLINE
        self.leader = NO_LEADER
        self.leader_epoch = self.partition_epoch = NO_EPOCH
        self.leader_epoch_start_offset = -1
        self.assignment: tuple[int, ...] = ()
        self.observers: tuple[int, ...] = ()
        self.expected_in_sync: tuple[int, ...] = ()
        self.isr_state: IsrState = Committed(())
        self.replicas: dict[int, Replica] = {}
        self.news = Noticeboard(tp)
        self.min_isr = 1
        self._promotion_awaited_in: tuple | None = None

    @property
    def high_watermark(self) -> int:
        """The first offset that is not known to be committed."""
        return self.log.high_watermark

    @property
    def is_leader(self) -> bool:
        """Leads, in its own view."""
        return self.role == LEADER

    # -- roles --------------------------------------------------------------------------------------------------

    def become_leader(self, registration: PartitionRegistration, now: int) -> bool:
        """Lead under this registration; nothing is rolled back. True if the leader epoch is new."""
        if registration.partition_epoch <= self.partition_epoch:
            return False
        is_new, was_leader = registration.leader_epoch > self.leader_epoch, self.is_leader
        known = self.replicas
        others = [broker for broker in registration.replicas if broker != self.around.broker_id]
        self.replicas = {broker: known.get(broker) or Replica(broker) for broker in others}
        for replica in self.replicas.values():
            replica.is_observer = replica.broker_id in registration.observers
        if is_new:
            end = self.leader_epoch_start_offset = self.log.log_end_offset
            self.log.epochs.assign(registration.leader_epoch, end)
            for replica in self.replicas.values():
                replica.begin_reign(now, replica.broker_id in registration.isr, end, was_leader)
            self.isr_state = state = Committed(registration.isr)
            epochs = (registration.leader_epoch, registration.partition_epoch)
            event = events.BecameLeader(self.tp, epochs[0], end, state.isr, epochs[1])
            self._take_role("become_leader", registration, event)
        else:
            self._adopt(registration)
            self._commit_isr(registration.isr)
        self.advance_high_watermark(now)
        self.look_after_observers(now)
        return is_new

    def become_follower(self, registration: PartitionRegistration) -> bool:
        """Follow the leader of this registration. True if the leader epoch is new: then fetching must begin anew."""
        event = events.BecameFollower(self.tp, registration.leader, registration.leader_epoch, self.log.log_end_offset,
                               registration.partition_epoch)  # fmt: skip
        return self._step_down("become_follower", registration, event)

    def go_offline(self, registration: PartitionRegistration) -> bool:
        """Nobody leads. True if the leader epoch is new."""
        event = events.WentOffline(self.tp, registration.leader_epoch, registration.partition_epoch)
        return self._step_down("go_offline", registration, event)

    def retire(self, why: str) -> None:
        """This broker holds the partition no longer: nobody leads or follows here, and what was asked for is moot."""
        self.role, self.leader = OFFLINE, NO_LEADER
        self.isr_state = Committed(())
        self.around.record(events.ReplicaRemoved(self.tp, why))
        self.news.post(REIGN)

    def _step_down(self, verb: str, registration: PartitionRegistration, event: tuple) -> bool:
        if registration.partition_epoch <= self.partition_epoch:
            return False
        is_new = registration.leader_epoch > self.leader_epoch
        if is_new:
            self.replicas = {}
            self.isr_state = Committed(())
            self.leader_epoch_start_offset = -1
            self._take_role(verb, registration, event)
        else:
            self._adopt(registration)
            self.around.record(events.PartitionEpochLearned(self.tp, self.partition_epoch))
        return is_new

    def _take_role(self, verb: str, registration: PartitionRegistration, event: tuple) -> None:
        self.role = MOVES[self.role, verb]
        self._adopt(registration)
        self.around.record(event)
        self.news.post(REIGN)

    def _adopt(self, registration: PartitionRegistration) -> None:
        self.leader = registration.leader
        self.leader_epoch = registration.leader_epoch
        self.partition_epoch = registration.partition_epoch
        self.assignment = tuple(registration.replicas)
        self.observers = tuple(registration.observers)
        self.expected_in_sync = expected_in_sync(registration)
        self.min_isr = high_watermark.effective_min_isr(self.config["min.insync.replicas"], len(self.assignment))

    def reconfigure(self, config: Config, now: int) -> None:
        """Go by these topic settings from now on; a smaller minimum ISR may let the high watermark move at once."""
        changed = tuple((name, value) for name, value in config.items() if value != self.config[name])
        if changed:
            self.config = config
            self.log.configure(config)
            self.min_isr = high_watermark.effective_min_isr(config["min.insync.replicas"], len(self.assignment))
            self.around.record(events.SettingsApplied(self.tp, changed))
            self.advance_high_watermark(now)
            self.look_after_observers(now)
            self.news.post(IN_SYNC)

    # -- what a leader does -------------------------------------------------------------------------------------

    def require_leader(self, current_leader_epoch: int = NO_EPOCH) -> None:
        """FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH or NOT_LEADER_OR_FOLLOWER unless it leads under this epoch."""
        fencing.check_leader_epoch(self.tp, self.leader_epoch, current_leader_epoch)
        if self.role != LEADER:
            raise fencing.not_leader(self.tp, self.around.broker_id, self.leader, self.leader_epoch)

    def append(self, records: bytes, now: int, origin: str = CLIENT) -> Appended:
        """Append a producer's (or a coordinator's) batch under the present leader epoch; a lone ISR commits it at once.
        """
        for replica in self.replicas.values():
            replica.fold(self.log.log_end_offset)
        appended = self.log.append_as_leader(records, self.leader_epoch, now, origin)
        if not appended.duplicate:
            self.news.post(APPENDED)
            self.advance_high_watermark(now)
        return appended

    def follower_fetched(
        self, replica: Replica, fetch_offset: int, log_start: int, broker_epoch: int, leader_end: int, now: int
    ) -> None:
        """A follower's fetch was read: note its position; perhaps it may join, perhaps more is committed."""
        known = max(self.around.known_epoch(replica.broker_id), replica.broker_epoch)
        fencing.check_broker_epoch(self.tp, replica.broker_id, broker_epoch, known)
        moved, started = fetch_offset != replica.log_end_offset, log_start != replica.log_start_offset
        replica.fetched(fetch_offset, log_start, broker_epoch, leader_end, now)
        self.ask_isr_change(isr_rules.expansion(self, replica))
        self.look_after_observers(now)
        if moved:
            self.advance_high_watermark(now)
        if started:
            self.news.post(STARTED)

    def advance_high_watermark(self, now: int) -> bool:
        """Commit what every replica that counts holds; never backwards, and never under the minimum ISR."""
        state, log, around = self.isr_state, self.log, self.around
        if not self.is_leader or not high_watermark.may_advance(state.isr, self.min_isr):
            return False
        old, end = log.high_watermark, log.log_end_offset
        offset, slowest = high_watermark.next_high_watermark(
            self.replicas.values(), state.maximal_isr, end, now, around
        )
        if offset <= old or not log.set_high_watermark(offset):
            return False
        around.record(events.HighWatermarkAdvanced(self.tp, old, log.high_watermark, slowest))
        self.news.post(COMMITTED)
        return True

    def raise_log_start(self, offset: int) -> None:
        """Show nothing below `offset` any more; a start never falls."""
        old = self.log.log_start_offset
        self.log.advance_log_start(offset)
        if self.log.log_start_offset != old:
            self.news.post(STARTED)

    def low_watermark(self) -> int:
        """The smallest log start offset over this replica and the others that are alive."""
        starts = [r.log_start_offset for r in self.replicas.values() if self.around.alive(r.broker_id)]
        return min([self.log.log_start_offset, *starts])

    # -- the ISR ------------------------------------------------------------------------------------------------

    def ask_isr_change(self, change: IsrState | None) -> None:
        """Count with a change of the ISR, and ask the controller for it. None: no change."""
        if change is not None:
            self._set_isr(change, events.IsrChangeAsked(self.tp, change.isr, change.wanted, change.why))
            self.around.ask_isr_change(self, change)

    def isr_recorded(self, isr: tuple, partition_epoch: int, now: int) -> None:
        """The controller has recorded this ISR."""
        self.partition_epoch = partition_epoch
        self._commit_isr(isr)
        self.advance_high_watermark(now)
        self.look_after_observers(now)

    def look_after_observers(self, now: int) -> None:
        """Ask for an observer in the ISR, or to let one go, if the policy wants it so; tell once if there is none."""
        if self.observers:
            self.ask_isr_change(observer_rules.change_wanted(self, now))
            awaited = observer_rules.awaited(self, now)
            if awaited is not None and self._promotion_awaited_in != (self.leader_epoch, self.isr_state.isr):
                self._promotion_awaited_in = (self.leader_epoch, self.isr_state.isr)
                self.around.record(awaited)

    def isr_not_recorded(self, error: str) -> None:
        """The controller has not made the pending change and never will."""
        self._set_isr(self.isr_state.last_committed, events.IsrChangeDropped(self.tp, self.isr_state.isr, error))

    def _commit_isr(self, isr: tuple) -> None:
        state = Committed(isr)
        self._set_isr(state, events.IsrChanged(self.tp, state.isr, self.partition_epoch))

    def _set_isr(self, state: IsrState, event: tuple) -> None:
        self.isr_state = state
        self.around.record(event)
        self.news.post(IN_SYNC)

    # -- what a follower does -----------------------------------------------------------------------------------

    def learn_high_watermark(self, offset: int) -> None:
        """Take the leader's high watermark, as far as the own log reaches; it may fall."""
        old = self.log.high_watermark
        self.log.set_high_watermark(offset)
        self._note_high_watermark(old)

    def cut_to(self, offset: int) -> None:
        """Cut the end of the log away; the high watermark falls with it."""
        old = self.log.high_watermark
        self.log.truncate_to(offset)
        self._note_high_watermark(old)
        self.news.post(REIGN)

    def start_over_at(self, offset: int) -> None:
        """Drop the whole log and begin empty at `offset`."""
        old = self.log.high_watermark
        self.log.truncate_fully_and_start_at(offset)
        self._note_high_watermark(old)
        self.news.post(REIGN)

    def _note_high_watermark(self, old: int) -> None:
        if self.log.high_watermark != old:
            self.around.record(events.HighWatermarkLearned(self.tp, old, self.log.high_watermark))
            self.news.post(COMMITTED)
