"""What a story can wait for.

Promises     each condition is a plain look at the controller's record, a replica's log or the trace; nothing is
             changed by looking.
Stands for   the loop around kafka-topics --describe in an operator's script.
Left out     -
Differs      looks after every step, so that a story goes on in the very instant in which the condition comes true.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from minikafka.deploy.handles import partition_named
from minikafka.deploy.workload import Departures
from minikafka.story.group_words import GROUP_CONDITIONS
from minikafka.story.people import broker_number, client, number, person, the_cluster
from minikafka.story.teller import StoryError, Teller
from minikafka.story.topic_words import TOPIC_CONDITIONS
from minikafka.story.transaction_words import TRANSACTION_CONDITIONS

if TYPE_CHECKING:
    from minikafka.broker.partition import Partition

Condition = Callable[[], bool]


class _NotSent:
    """Stands for the receipt of a record that its workload has not sent yet."""

    done = False
    error = None


NOT_SENT = _NotSent()


def condition(teller: Teller, words: list[str]) -> Condition:
    """The condition in these words; a first word `not` turns it round."""
    if words[:1] == ["not"]:
        inner = condition(teller, words[1:])
        return lambda: not inner()
    made = CONDITIONS.get(words[0]) if words else None
    if made is None:
        raise StoryError(f"{' '.join(words)!r} cannot be waited for: take one of {', '.join(CONDITIONS)}")
    try:
        return made(teller, *words[1:])
    except TypeError:
        raise StoryError(f"{' '.join(words)!r} has too few or too many words: {made.__doc__}") from None


def leader(teller: Teller, partition: str, broker: str) -> Condition:
    """`leader flights-0 b2` (or `none`): the controller has recorded it"""
    wanted = -1 if broker == "none" else broker_number(broker)
    return lambda: _recorded(teller, partition).leader == wanted


def epoch(teller: Teller, partition: str, at_least: str) -> Condition:
    """`epoch flights-0 2`: the controller has recorded that leader epoch or a later one"""
    return lambda: _recorded(teller, partition).leader_epoch >= number(at_least, "an epoch")


def isr(teller: Teller, partition: str, members: str) -> Condition:
    """`isr flights-0 1,2` (or `none`): the controller has recorded these, in any order"""
    wanted = sorted(int(broker) for broker in members.split(",")) if members != "none" else []
    return lambda: sorted(_recorded(teller, partition).isr) == wanted


def role(teller: Teller, partition: str, broker: str, wanted: str, epoch: str = "") -> Condition:
    """`role flights-0 b2 leader 1`: the broker itself takes this role (leader, follower, offline), in that epoch"""

    def met() -> bool:
        view = _view(teller, partition, broker)
        return view is not None and view.role == wanted and (not epoch or view.leader_epoch == int(epoch))

    return met


def end(teller: Teller, partition: str, broker: str, offset: str) -> Condition:
    """`end flights-0 b2 3`: the broker's log ends there or further on"""

    def met() -> bool:
        view = _view(teller, partition, broker)
        return view is not None and view.log.log_end_offset >= number(offset, "an offset")

    return met


def high_watermark(teller: Teller, partition: str, broker: str, offset: str) -> Condition:
    """`hw flights-0 b2 3`: the broker knows of this high watermark or a higher one"""

    def met() -> bool:
        view = _view(teller, partition, broker)
        return view is not None and view.log.high_watermark >= number(offset, "an offset")

    return met


def acked(teller: Teller, producer: str, count: str) -> Condition:
    """`acked p 2`: so many of its records are acknowledged"""
    return lambda: sum(r.done and r.error is None for r in _receipts(teller, producer)) >= number(count, "a count")


def settled(teller: Teller, producer: str) -> Condition:
    """`settled p`: every record it has sent is acknowledged or has failed"""
    return lambda: all(receipt.done for receipt in _receipts(teller, producer))


def alive(teller: Teller, broker: str) -> Condition:
    """`alive b1`: registered, not fenced, not shutting down"""
    which = broker_number(broker)
    return lambda: the_cluster(teller).image.brokers[which].alive


def active(teller: Teller, controller: str) -> Condition:
    """`active c2` (or `none`, `any`): that controller decides"""
    cluster = the_cluster(teller)

    def met() -> bool:
        found = cluster.active_controller
        name = "none" if found is None else found.name.rpartition("/")[2]
        return name != "none" if controller == "any" else name == controller

    return met


def quorum_role(teller: Teller, controller: str, wanted: str) -> Condition:
    """`quorum_role c1 follower`: the controller is this in its quorum (leader, follower, candidate …)"""
    cluster = the_cluster(teller)
    machine = person(teller, controller)
    found = [handle for handle in cluster.controllers.values() if handle.machine is machine]
    if not found:
        names = ", ".join(handle.name.rpartition("/")[2] for handle in cluster.controllers.values())
        raise StoryError(f"{controller} is no controller of {cluster.name}: these are {names}")
    return lambda: found[0].role == wanted


def state(teller: Teller, machine: str, wanted: str) -> Condition:
    """`state b1 down`: the machine is running, frozen, down or dark"""
    found = teller.the_world().place(person(teller, machine))
    return lambda: found.state == wanted


def sent(teller: Teller, sender: str, label: str) -> Condition:
    """`sent b2 "list offsets"`: from now on, a message whose label begins so has left that machine"""
    name = teller.the_world().place(person(teller, sender)).name
    return _happens(teller, lambda entry: entry.kind == "MessageSent" and entry.event.sender == name
                    and entry.event.label.startswith(label))  # fmt: skip


def event(teller: Teller, kind: str, place: str = "") -> Condition:
    """`event FollowingFailed b2`: from now on, such an event has happened (there)"""
    name = teller.the_world().place(person(teller, place)).name if place else ""
    return _happens(teller, lambda entry: entry.kind == kind and name in ("", entry.place))


def _happens(teller: Teller, fits: Callable[[Any], bool]) -> Condition:
    recorder = teller.the_world().recorder
    looked_at = len(recorder.trace)

    def met() -> bool:
        nonlocal looked_at
        trace = recorder.trace
        fresh, looked_at = trace[looked_at:], len(trace)
        return any(fits(entry) for entry in fresh)

    return met


def _recorded(teller: Teller, partition: str) -> Any:
    return the_cluster(teller).registration(partition)


def _view(teller: Teller, partition: str, broker: str) -> Partition | None:
    process = the_cluster(teller).broker(broker_number(broker)).broker
    return None if process is None else process.partitions.get(partition_named(partition))


def _receipts(teller: Teller, producer: str) -> list[Any]:
    """Of a producer's records so far; of a workload's, all that it will ever send."""
    found = client(teller, producer, "producer")
    if isinstance(found, Departures):
        unsent = len(found.events) - len(found.sent)
        return [receipt for _, receipt in found.sent] + [NOT_SENT] * unsent
    return [receipt for _, receipt in teller.named.get(f"receipts of {producer}", [])]


CONDITIONS: dict[str, Callable[..., Condition]] = {
    made.__name__: made
    for made in (leader, epoch, isr, role, end, acked, settled, alive, active, quorum_role, state, sent, event)
}
CONDITIONS["hw"] = high_watermark
CONDITIONS.update(GROUP_CONDITIONS)
CONDITIONS.update(TOPIC_CONDITIONS)
CONDITIONS.update(TRANSACTION_CONDITIONS)
