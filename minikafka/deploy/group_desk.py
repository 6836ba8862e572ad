"""The front door's words for consumer groups: what a cluster's administrator does with them, and a consumer's part
in them.

Promises     every call lets the time pass that it needs; a group is described as the real tool prints it.
Stands for   kafka-consumer-groups.
Left out     -
Differs      -
"""

from __future__ import annotations

from typing import Any

from minikafka.deploy.partition_names import partition_named
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.world.journal import front_door
from minikafka.world.quantities import us

REFUSALS = (Error.TOPIC_AUTHORIZATION_FAILED, Error.GROUP_AUTHORIZATION_FAILED, Error.SASL_AUTHENTICATION_FAILED)
"""After these an application that keeps reading tries again: somebody may give it the right."""


class GroupDesk:
    """Mixed into `Cluster`, which has `world` and `admin`."""

    @front_door
    def groups(self) -> dict[str, str]:
        """The groups and their states."""
        return self.world.finish(self.admin.list_groups())

    @front_door
    def describe_group(self, group: str) -> str:
        """State, members, committed offsets, ends and lag, as kafka-consumer-groups --describe prints them."""
        return self.world.finish(group_table(self.admin, group))

    @front_door
    def reset_offsets(self, group: str, partitions: Any = None, to: Any = None, shift: int | None = None
                      ) -> dict[TopicPartition, int]:  # fmt: skip
        """Move an idle group to "earliest", "latest", a time such as "5s" after the world began, or by so many
        records."""
        chosen = None if partitions is None else [partition_named(one) for one in partitions]
        when = us(to) // 1000 if isinstance(to, str) and to[:1].isdigit() else to
        return self.world.finish(self.admin.reset_group_offsets(group, chosen, when, shift))

    @front_door
    def delete_group(self, group: str) -> None:
        """Forget the group and all it has committed."""
        self.world.finish(self.admin.delete_group(group))


class MemberCalls:
    """Mixed into `ConsumerHandle`, which has `world` and `consumer`."""

    @front_door
    def subscribe(self, *topics: str, pattern: str | None = None) -> None:
        """Read these topics (or all that match the pattern) together with the group, from the next poll on."""
        self.consumer.subscribe(list(topics), pattern=pattern)

    @front_door
    def unsubscribe(self) -> None:
        """Leave the group."""
        self.world.finish(self.consumer.unsubscribe())

    @front_door
    def commit(self, offsets: dict | None = None) -> None:
        """Commit these offsets, such as {"flights-0": 5}, or all positions; returns when it is done."""
        named = None if offsets is None else {partition_named(one): offset for one, offset in offsets.items()}
        self.world.finish(self.consumer.commit_sync(named))

    @front_door
    def committed(self, partition: Any) -> int | None:
        """What the group has committed for a partition; None if nothing."""
        found = partition_named(partition)
        row = self.world.finish(self.consumer.committed([found]))[found]
        return None if row is None else row.offset

    @front_door
    def keep_reading(self, pause: str | int = "100ms") -> None:
        """From now on poll again and again, as an application does that commits automatically. What is read is in
        `seen`; a refusal that may pass (of access) is in `refusals`, and it goes on."""
        self.machine.spawn(self._read_on(us(pause)), "application")

    async def _read_on(self, pause: int) -> None:
        consumer = self.consumer
        while True:
            try:
                records = await consumer.poll(1_000_000)
            except KafkaError as error:
                if error.error not in REFUSALS:
                    raise
                self.refusals.append(error)
                records = []
            for record in records:
                self.seen.append((TopicPartition(record.topic, record.partition), record.offset, record.value))
            await self.machine.sleep(pause)


async def group_table(admin: Any, group: str) -> str:
    """A group as kafka-consumer-groups --describe prints it."""
    described = await admin.describe_group(group)
    committed = await admin.list_group_offsets(group)
    owners = {partition: member for member in described.members for partition in member.partitions}
    partitions = sorted({**committed, **owners})
    ends = await admin.list_offsets(dict.fromkeys(partitions, "latest")) if partitions else {}
    protocol = f", {described.protocol}" if described.protocol else ""
    lines = [
        f"group {group}: {described.state}{protocol}, {len(described.members)} members, coordinator "
        f"{described.coordinator}"
    ]
    for partition in partitions:
        offset, end = committed.get(partition), ends[partition].offset
        lag = "-" if offset is None else end - offset
        owner = owners[partition].client_id if partition in owners else "-"
        told = "-" if offset is None else offset
        lines.append(f"  {partition}  committed {told}  end {end}  lag {lag}  {owner}")
    return "\n".join(lines)
