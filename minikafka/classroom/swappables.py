"""The rules of the house that a learner may write anew.

Promises     each rule has a name in words, says what it decides in one sentence, knows our function and what an
             answer may look like; an answer that cannot be is refused with a sentence that says what was expected.
Stands for   the decisions on which replication rests.
Left out     rules that are not a function of their own.
Differs      a leader may be answered as a plain broker id, a truncation as a plain offset; some rules are asked about
             less than ours are (`asks`), so that they can be written without knowing the house.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, NamedTuple

from minikafka.broker import fetch, high_watermark, isr_rules, produce, reconciliation
from minikafka.broker.replica import Replica
from minikafka.client import partitioner, truncation
from minikafka.controller import elections, quorum_roles, quorum_rules
from minikafka.coordinator import commit_rules
from minikafka.coordinator.group import EMPTY
from minikafka.log import indexes, leader_epochs, retention
from minikafka.protocol.errors import Error, KafkaError
from minikafka.world.quantities import say_time

Accept = Callable[[Any, tuple], Any]
"""(answer, arguments) -> the answer as the house uses it; raises `Nonsense`."""


class Nonsense(Exception):
    """An answer that cannot be; says what was expected."""


class Unknown(KeyError):
    """No rule of that name; says which there are."""

    def __str__(self) -> str:
        return self.args[0]


class Swappable(NamedTuple):
    """One rule. `may_raise` are errors that are answers.

    Where ours gets more than a learner needs, `asks` names the learner's arguments, and `present` makes them from ours.
    `groups`: its storms need a consumer group.
    """

    name: str
    ours: Callable
    decides: str
    accept: Accept
    may_raise: tuple[type[Exception], ...] = ()
    asks: tuple[str, ...] = ()
    present: Callable[..., tuple] | None = None
    groups: bool = False

    @property
    def parameters(self) -> list[str]:
        """The names of the arguments that will come."""
        return list(self.asks or inspect.signature(self.ours).parameters)

    def question(self, arguments: tuple) -> tuple:
        """What the learner's function is called with."""
        return self.present(*arguments) if self.present is not None else arguments


def _kind(kind: type, words: str) -> Accept:
    def accept(answer: Any, arguments: tuple) -> Any:
        if not isinstance(answer, kind) or isinstance(answer, bool) and kind is int:
            raise Nonsense(f"expected {words}")
        return answer

    return accept


def _pair_of_numbers(words: str) -> Accept:
    def accept(answer: Any, arguments: tuple) -> Any:
        if not isinstance(answer, tuple) or len(answer) != 2 or not all(type(item) is int for item in answer):
            raise Nonsense(f"expected {words}")
        return answer

    return accept


def _pair_or_none(answer: Any, arguments: tuple) -> Any:
    return None if answer is None else _pair_of_numbers("None, or a pair (epoch, end offset)")(answer, arguments)


def _those_that_count(replicas: Any, maximal_isr: tuple, end: int, now: int, around: Any) -> tuple[int, dict[int, int]]:
    """The leader's log end, and the log ends of the replicas that a commit waits for, by broker id."""
    waits_for = [replica for replica in replicas if high_watermark.counts(replica, maximal_isr, end, now, around)]
    return end, {replica.broker_id: replica.log_end_offset for replica in waits_for}


def _lag(replica: Any, leader_end: int, now: int, longest_lag: int) -> tuple:
    """Where a follower stands, and when it was caught up last (µs), with the visits of its session counted."""
    replica.fold(leader_end)
    return replica.log_end_offset, replica.last_caught_up, leader_end, now, longest_lag


def _offset_and_slowest(answer: Any, arguments: tuple) -> tuple[int, int]:
    if type(answer) is not int:
        raise Nonsense("expected an offset, a whole number")
    end, ends = _those_that_count(*arguments)
    if answer > end:
        raise Nonsense(f"the log ends at {end}, and nothing beyond its end can be committed")
    return answer, min(ends, key=lambda broker: ends[broker], default=arguments[4].broker_id)


def _nothing(answer: Any, arguments: tuple) -> None:
    if answer is not None:
        raise Nonsense("expected nothing: raise KafkaError(Error.NOT_ENOUGH_REPLICAS, …) to refuse, or just return")


def _error_or_none(answer: Any, arguments: tuple) -> Any:
    if answer is not None and not isinstance(answer, Error):
        raise Nonsense("expected None (wait), Error.NONE (acknowledge) or another Error")
    return answer


def _who_commits(group: Any, request: Any, transactional: bool) -> tuple:
    """Who commits as of which generation; who is a member, in which generation, and in which state the group is."""
    if group is None:
        return request.member_id, request.generation, (), 0, EMPTY
    return request.member_id, request.generation, tuple(group.members), group.generation, group.state


def _refused_or_none(answer: Any, arguments: tuple) -> None:
    if answer is not None and not isinstance(answer, Error):
        raise Nonsense("expected None (it counts) or an Error, such as Error.ILLEGAL_GENERATION")
    if answer:
        raise KafkaError(answer, f"the commit does not count: {answer.meaning}")


def _who_asks_for_a_vote(role: str, state: Any, request: Any, own: tuple[int, int], heard_leader: bool) -> tuple:
    """Whom this voter has voted for and who leads (None: nobody), who asks, and both logs as (epoch, end offset).

    A pre-vote binds to nothing, so no vote is in its way.
    """
    voted = None if request.pre_vote or state.voted_id < 0 else state.voted_id
    knows = role == quorum_roles.LEADER or role == quorum_roles.FOLLOWER and heard_leader
    leads = state.leader_id if knows or not request.pre_vote else -1
    return voted, None if leads < 0 else leads, request.candidate_id, (request.last_epoch, request.end_offset), own


def _vote(answer: Any, arguments: tuple) -> str | None:
    return None if BOOLEAN(answer, arguments) else "its rule says no"


def _leader(answer: Any, arguments: tuple) -> Any:
    answer = elections.Elected(answer) if type(answer) is int else answer
    if not isinstance(answer, elections.Elected) or not isinstance(answer.leader, int):
        raise Nonsense("expected Elected(broker id, clean), or a broker id; NO_LEADER is -1")
    if answer.leader != -1 and answer.leader not in arguments[0].replicas:
        raise Nonsense(f"the partition's replicas are {list(arguments[0].replicas)}; the leader must be one of them")
    return answer


def _cut(answer: Any, arguments: tuple) -> Any:
    answer = reconciliation.Truncation(answer, True) if type(answer) is int else answer
    if not isinstance(answer, tuple) or len(answer) != 2 or type(answer[0]) is not int or answer[0] < 0:
        raise Nonsense("expected Truncation(offset, finished), or an offset that is 0 or more")
    return reconciliation.Truncation(answer[0], bool(answer[1]))


def _partition(answer: Any, arguments: tuple) -> int:
    if type(answer) is not int or not 0 <= answer < arguments[1]:
        raise Nonsense(f"expected the number of a partition, from 0 to {arguments[1] - 1}")
    return answer


def _brokers(answer: Any, arguments: tuple) -> tuple:
    if not isinstance(answer, tuple | list) or not all(type(item) is int for item in answer):
        raise Nonsense("expected a tuple of broker ids")
    return tuple(answer)


def _segments(answer: Any, arguments: tuple) -> list:
    if not isinstance(answer, list | tuple) or not all(segment in list(arguments[0]) for segment in answer):
        raise Nonsense("expected a list of some of the segments that it was given")
    return list(answer)


BOOLEAN = _kind(bool, "True or False")

SWAPPABLES = (
    Swappable("high watermark", high_watermark.next_high_watermark, "how far a partition is committed",
              _offset_and_slowest, asks=("log_end", "ends"), present=_those_that_count),
    Swappable("who counts", high_watermark.counts, "for which replicas a commit waits", BOOLEAN),
    Swappable("may advance", high_watermark.may_advance, "when the high watermark has to stand still", BOOLEAN),
    Swappable("min ISR gate", produce.require_in_sync, "when acks=all is refused before anything is written", _nothing,
              (KafkaError,)),
    Swappable("ack condition", produce.acked, "when a producer with acks=all gets its acknowledgement", _error_or_none),
    Swappable("expansion", isr_rules.holds_all_that_counts, "when a follower may join the in-sync replicas", BOOLEAN),
    Swappable("caught up", Replica.is_caught_up, "when a follower counts as caught up", BOOLEAN,
              asks=("log_end", "last_caught_up", "leader_end", "now", "longest_lag"), present=_lag),
    Swappable("choose leader", elections.choose_leader, "who leads a partition", _leader),
    Swappable("eligible leaders", elections.eligible_leader_replicas, "who may lead though it is out of the ISR",
              _brokers),
    Swappable("truncation", reconciliation.truncation_for, "where a follower cuts its log", _cut),
    Swappable("diverging epoch", fetch.diverging_epoch, "whether a follower's log has parted from the leader's",
              _pair_or_none),
    Swappable("epoch end", leader_epochs.LeaderEpochs.end_offset_for, "where a leader epoch ends in a log",
              _pair_of_numbers("a pair (epoch, end offset), (-1, -1) if it is not known"),
              asks=("entries", "log_end", "epoch"),
              present=lambda epochs, epoch: (tuple(epochs.entries), epochs.log_end, epoch)),
    Swappable("was cut", truncation.was_cut, "whether the log was cut below a consumer's position", BOOLEAN),
    Swappable("commit", commit_rules.require_right_to_commit, "whose commits count in a group", _refused_or_none,
              (KafkaError,), asks=("who", "generation", "members", "present", "state"), present=_who_commits,
              groups=True),
    Swappable("vote", quorum_rules.why_no_vote, "whom a controller gives its vote", _vote,
              asks=("voted_for", "leader", "candidate", "candidate_log", "own_log"), present=_who_asks_for_a_vote),
    Swappable("partitioner", partitioner.partition_for_key, "which partition a key goes to", _partition),
    Swappable("index lookup", indexes.OffsetIndex.lookup, "where in a segment to begin to look for an offset",
              _pair_of_numbers("a pair (offset, position)"), asks=("entries", "base_offset", "offset"),
              present=lambda index, offset: (tuple(index.entries), index.base_offset, offset)),
    Swappable("retention", retention.deletable, "which old segments may go", _segments),
)  # fmt: skip
"""All of them."""


def swappable(rule: str | Callable) -> Swappable:
    """The rule of that name, or the one that this function of ours is; `Unknown` with the names there are."""
    for found in SWAPPABLES:
        if rule == found.name or rule is found.ours:
            return found
    names = [found.name for found in SWAPPABLES]
    said = rule if isinstance(rule, str) else getattr(rule, "__qualname__", repr(rule))
    near = get_close_matches(str(said), names, n=1)
    raise Unknown(f"{said!r} is no rule that can be swapped: {f'did you mean {near[0]!r}? ' if near else ''}"
                  f"There are {', '.join(map(repr, names))}.")  # fmt: skip


def describe_arguments(rule: Swappable, arguments: tuple) -> str:
    """The arguments with their names, short enough for a sentence; moments in seconds."""
    told = []
    for name, value in zip(rule.parameters, arguments, strict=False):
        text = say_time(value) if name == "now" and isinstance(value, int) else repr(value)
        told.append(f"{name}={text if len(text) <= 60 and ' at 0x' not in text else '…'}")
    return ", ".join(told)
