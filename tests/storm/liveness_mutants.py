"""Ways never to come to rest (L1 to L11, and controllers that do not agree), as replacement functions: each is a
context manager that puts one in place. All of them are safe, and break no law: nothing wrong
happens, and nothing at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from minikafka.broker import high_watermark, isr_keeper, isr_rules
from minikafka.broker.follower import Fetcher
from minikafka.broker.metadata_follower import MetadataFollower
from minikafka.client.outcomes import Outcomes
from minikafka.controller import elections, leader_changes, liveness, quorum_fetch, quorum_rules
from minikafka.coordinator import rebalance
from minikafka.protocol.errors import Error


@contextmanager
def once_fenced_always_fenced() -> Iterator[None]:
    """L1, L2: a broker that has been fenced is never let in again."""
    with patch.object(liveness, "may_unfence", lambda broker, request: False):
        yield


@contextmanager
def a_lost_wish_is_not_repeated() -> Iterator[None]:
    """L3: a leader whose wish has got no answer waits for it all the same."""
    today = isr_keeper.take_answer

    def take_answer(partition: Any, change: Any, answer: Any, now: int) -> bool:
        return answer is not None and today(partition, change, answer, now)

    with patch.object(isr_keeper, "take_answer", take_answer):
        yield


@contextmanager
def brokers_read_no_more_metadata() -> Iterator[None]:
    """L4: who has read the metadata once does not apply what comes later."""
    today = MetadataFollower.take

    def take(self: MetadataFollower, response: Any) -> None:
        if not self.published:
            today(self, response)

    with patch.object(MetadataFollower, "take", take):
        yield


@contextmanager
def an_unanswered_batch_is_forgotten() -> Iterator[None]:
    """L5: a request that ran into its timeout is nobody's business any more."""
    today = Outcomes.complete

    def complete(self: Outcomes, batch: Any, answer: Any, trouble: Error, sent: bool) -> None:
        if trouble != Error.REQUEST_TIMED_OUT:
            today(self, batch, answer, trouble, sent)

    with ExitStack() as stack:
        stack.enter_context(patch.object(Outcomes, "complete", complete))
        stack.enter_context(patch.object(Outcomes, "expire", lambda self, now: None))
        stack.enter_context(patch.object(Outcomes, "next_expiry", lambda self: 1 << 60))
        yield


@contextmanager
def a_failed_follower_rests_for_ever() -> Iterator[None]:
    """L6: a follower that could not reach its leader once does not try again."""
    today = Fetcher.__init__

    def begin(self: Fetcher, *rest: Any) -> None:
        today(self, *rest)
        self._backoff = 1 << 50

    with patch.object(Fetcher, "__init__", begin):
        yield


@contextmanager
def a_move_has_no_end() -> Iterator[None]:
    """L7: that the whole target is in sync is not noticed."""
    with patch.object(elections, "_completed", lambda now, isr: (now, isr)):
        yield


@contextmanager
def the_dead_are_waited_for() -> Iterator[None]:
    """L8: a commit waits for every replica, in the ISR or not."""
    with patch.object(high_watermark, "counts", lambda replica, *rest: True):
        yield


@contextmanager
def who_was_out_stays_out() -> Iterator[None]:
    """L9: nobody looks whether a follower has caught up."""
    with patch.object(isr_rules, "expansion", lambda partition, replica: None):
        yield


@contextmanager
def nobody_is_given_up() -> Iterator[None]:
    """L10: a coordinator waits for a silent member for as long as it takes."""
    with ExitStack() as stack:
        for name in ("give_up_waiting_in", "_missed"):
            stack.enter_context(patch.object(rebalance, name, lambda *rest: None))
        yield


@contextmanager
def who_comes_back_is_not_asked_to_lead() -> Iterator[None]:
    """L11: an unfenced broker is not tried as leader where there is none."""
    with patch.object(leader_changes, "with_broker", lambda image, config, broker: []):
        yield


@contextmanager
def nobody_votes() -> Iterator[None]:
    """8.7: a controller has a reason against every candidate."""
    with patch.object(quorum_rules, "why_no_vote", lambda *rest, **named: "it does not like the candidate"):
        yield


@contextmanager
def voters_are_not_told_what_is_committed() -> Iterator[None]:
    """8.7: controllers copy the log of the one that leads, and do not ask how far it is committed."""
    today = quorum_fetch.take_answer

    def take_answer(voter: Any, response: Any) -> bool:
        return today(voter, response._replace(high_watermark=0))

    with patch.object(quorum_fetch, "take_answer", take_answer):
        yield


LIVENESS_MUTANTS: tuple[Callable[[], AbstractContextManager[None]], ...] = (
    once_fenced_always_fenced,
    a_lost_wish_is_not_repeated,
    brokers_read_no_more_metadata,
    an_unanswered_batch_is_forgotten,
    a_failed_follower_rests_for_ever,
    a_move_has_no_end,
    the_dead_are_waited_for,
    who_was_out_stays_out,
    nobody_is_given_up,
    who_comes_back_is_not_asked_to_lead,
    nobody_votes,
    voters_are_not_told_what_is_committed,
)
"""In the order of the statements that they break."""
