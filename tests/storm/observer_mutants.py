"""Ways to get observers wrong, as replacement functions: each is a context manager that puts one in place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

from minikafka.broker import high_watermark, observer_rules
from minikafka.broker.isr_state import Committed, PendingExpand
from minikafka.broker.partition import Partition
from minikafka.controller import elections, promotion
from minikafka.controller.controller import Controller
from minikafka.controller.elections import Elected
from minikafka.events.replication import IsrChanged
from minikafka.protocol.names import NO_LEADER


@contextmanager
def commits_wait_for_observers() -> Iterator[None]:
    """A caught-up observer counts for the high watermark like a follower that may join any moment."""

    def counts(replica: Any, maximal_isr: tuple, leader_end: int, now: int, around: Any) -> bool:
        return replica.broker_id in maximal_isr or (
            replica.is_caught_up(leader_end, now, around.longest_lag) and around.eligible(replica)
        )

    with patch.object(high_watermark, "counts", counts):
        yield


@contextmanager
def a_lagging_observer_is_promoted() -> Iterator[None]:
    """Any observer that is alive will do, however little of the log it has."""

    def candidates(partition: Partition, now: int) -> list:
        outside = [r for r in partition.replicas.values() if r.broker_id not in partition.isr_state.isr]
        return [r for r in outside if r.is_observer and partition.around.eligible(r)]

    with patch.object(observer_rules, "candidates", candidates):
        yield


@contextmanager
def all_observers_are_promoted() -> Iterator[None]:
    """Once one is needed, all of them come in."""

    def missing(isr: Any, wanted: int) -> int:
        return 1 if wanted > 1 else 0

    with patch.object(observer_rules, "missing", missing), patch.object(observer_rules, "too_many", lambda *_: ()):
        with patch.object(promotion, "refuse_promotion", lambda *_: None):
            yield


@contextmanager
def the_leader_promotes_by_itself() -> Iterator[None]:
    """A leader counts with an observer as soon as it wants to, and does not ask the controller."""
    today = Partition.ask_isr_change

    def ask(self: Partition, change: Any) -> None:
        joining = [member for member in change.wanted if member in self.observers] if change is not None else []
        if isinstance(change, PendingExpand) and joining:
            self._set_isr(Committed(change.wanted), IsrChanged(self.tp, change.wanted, self.partition_epoch))
        else:
            today(self, change)

    with patch.object(Partition, "ask_isr_change", ask):
        yield


@contextmanager
def an_observer_is_elected_like_a_follower() -> Iterator[None]:
    """When nobody in sync is left, an observer that lives is as good, and the election is called clean."""
    today = elections.choose_leader

    def choose(now: Any, isr: tuple, elr: tuple, terms: Any) -> Elected:
        elected = today(now, isr, elr, terms)
        ready = [one for one in now.observers if terms.alive(one)]
        return Elected(ready[0]) if elected.leader == NO_LEADER and ready else elected

    with patch.object(elections, "choose_leader", choose):
        yield


@contextmanager
def answers_before_it_is_committed() -> Iterator[None]:
    """A controller takes its own word for the majority's."""

    async def settle(self: Controller, decision: Any) -> Any:
        self.record(decision)
        return decision.response

    with patch.object(Controller, "settle", settle):
        yield


OBSERVER_MUTANTS: tuple[Callable[[], AbstractContextManager[None]], ...] = (
    commits_wait_for_observers,
    a_lagging_observer_is_promoted,
    all_observers_are_promoted,
    the_leader_promotes_by_itself,
    an_observer_is_elected_like_a_follower,
)
"""Those that the laws catch, with one controller or three; `answers_before_it_is_committed` is none with one."""
