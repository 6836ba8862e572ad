"""Laws of access: nothing is done for whom the rules deny it, and nobody is let in under a wrong name.

Promises     each law holds by the rules as the broker has applied them, decided once more and in another way than the
             broker did.
Stands for   what an authorizer is for.
Left out     that no password is told: a test looks through the bytes of a trace for that.
Differs      what was read is judged where it is handed out: some broker must have allowed it since it was written;
             what was written is judged where it is appended: its leader must have allowed it since it was sent.
"""

from __future__ import annotations

from typing import Any

from minikafka.events.clients import RecordsPolled
from minikafka.events.groups import MemberJoined, OffsetsWritten
from minikafka.events.security import Authenticated
from minikafka.events.storage import BatchAppended
from minikafka.laws.access_ledger import AccessLaw
from minikafka.protocol import scram
from minikafka.protocol.access_rules import Operation, ResourceType
from minikafka.world.event import Recorded
from minikafka.world.laws import Law


class NothingIsWrittenForWhomTheRulesDeny(AccessLaw):
    """A1: a leader appends what somebody has sent only if he has WRITE on the topic, or had it since he sent it: a
    batch that was let in may have to wait for the word of its transaction's coordinator."""

    KINDS = (BatchAppended,)

    def broken_for(self, asker: str, place: str, event: BatchAppended) -> str | None:
        topic = event.partition.topic
        sent = self.access_ledger.sent_at(asker, event.partition, event.base_sequence)
        wanted = (Operation.WRITE, ResourceType.TOPIC, topic, sent)
        if topic.startswith("__") or self.access_ledger.may(place, asker, *wanted):
            return None
        return f"{place} has appended to {event.partition} what {asker} sent, who may not write there"


class NothingIsCommittedForWhomTheRulesDeny(AccessLaw):
    """A2: a coordinator takes a member and writes offsets down only for those who have READ on the group, and on the
    topics."""

    KINDS = (OffsetsWritten, MemberJoined)

    def broken_for(self, asker: str, place: str, event: Any) -> str | None:
        wanted = [(ResourceType.GROUP, event.group)]
        if isinstance(event, OffsetsWritten):
            wanted += [(ResourceType.TOPIC, partition.topic) for partition, _ in event.offsets]
        for kind, name in wanted:
            if not self.access_ledger.may(place, asker, Operation.READ, kind, name):
                return f"{place} has done something in group {event.group} for {asker}, who may not read {name}"
        return None


class NothingIsReadByWhomTheRulesDeny(AccessLaw):
    """A3: no client gets a record that was written when no broker allowed him to READ the topic any more."""

    KINDS = (RecordsPolled,)

    def _heard(self, entry: Recorded) -> None:
        if self.access_ledger.rules:
            self.askers[entry.seq] = entry.place
            Law._heard(self, entry)

    def broken_for(self, asker: str, place: str, event: RecordsPolled) -> str | None:
        ledger, topic = self.access_ledger, event.partition.topic
        written = ledger.written_at(place, event.partition, event.last_offset)
        if ledger.brokers_of(place) == [] or ledger.could_read(place, topic, written):
            return None
        return f"{place} has read {event.partition} up to {event.last_offset}, and nobody has allowed it since then"


class OnlyWhoKnowsThePasswordIsLetIn(AccessLaw):
    """A4: a broker takes a name from a client alone who was given the user's password."""

    KINDS = (Authenticated,)

    def _heard(self, entry: Recorded) -> None:
        self.askers[entry.seq] = entry.event.caller
        Law._heard(self, entry)

    def broken_for(self, asker: str, place: str, event: Authenticated) -> str | None:
        process = self.access_ledger.machines[event.caller].process
        holder = next((one for one in (process, getattr(process, "consumer", None), getattr(process, "producer", None))
                       if hasattr(one, "config")), None)  # fmt: skip
        if holder is None:
            return None
        name, password = holder.config["sasl.username"], holder.config["sasl.password"]
        broker = self.access_ledger.machines[place].process
        kept = broker.image.credentials.get((event.principal.removeprefix("User:"), event.mechanism))
        if kept is None or password is None or event.principal != f"User:{name}":
            return f"{place} took {event.caller} for {event.principal}, as whom it has not spoken"
        given = scram.salted(event.mechanism, password, kept.salt, kept.iterations)
        if scram.credential(event.mechanism, given, kept.salt, kept.iterations) != kept:
            return f"{place} took {event.caller} for {event.principal}, whose password it does not have"
        return None


SECURITY_LAWS = (
    NothingIsWrittenForWhomTheRulesDeny,
    NothingIsCommittedForWhomTheRulesDeny,
    NothingIsReadByWhomTheRulesDeny,
    OnlyWhoKnowsThePasswordIsLetIn,
)
"""In the order of their tags."""
