"""What the cluster knows of one broker, one partition, one topic.

Promises     a registration never changes: `merge` answers a new one with the change in it.
Stands for   BrokerRegistration, PartitionRegistration and TopicImage.
Left out     listeners, supported features, log directories.
Differs      nothing a reader could see.
"""

from __future__ import annotations

from typing import NamedTuple

from minikafka.metadata.facts import BrokerRegistrationChangeRecord, PartitionChangeRecord, PartitionRecord


class BrokerRegistration(NamedTuple):
    """A broker's current incarnation, as registered."""

    id: int
    epoch: int
    incarnation_id: str
    address: str
    rack: str
    fenced: bool
    in_controlled_shutdown: bool = False

    @property
    def alive(self) -> bool:
        """Kafka's *active*: may lead and may be in sync, since it is neither fenced nor shutting down."""
        return not self.fenced and not self.in_controlled_shutdown

    def merge(self, change: BrokerRegistrationChangeRecord) -> BrokerRegistration:
        """This registration with the change in it; the change must be for this very incarnation."""
        assert change.broker_epoch == self.epoch, f"{change} was decided for another incarnation than {self}"
        fenced = self.fenced if change.fenced is None else change.fenced
        leaving = change.in_controlled_shutdown
        leaving = self.in_controlled_shutdown if leaving is None else leaving
        return self._replace(fenced=fenced, in_controlled_shutdown=leaving)


class PartitionRegistration(NamedTuple):
    """Who holds a partition, who is in sync, who leads, and since which change."""

    replicas: tuple
    isr: tuple
    elr: tuple
    last_known_elr: tuple
    leader: int
    leader_epoch: int
    partition_epoch: int
    leader_recovery_state: int
    observers: tuple = ()
    adding_replicas: tuple = ()
    removing_replicas: tuple = ()

    @classmethod
    def of(cls, record: PartitionRecord) -> PartitionRegistration:
        """The registration this record makes."""
        return cls(*record[2:])

    @property
    def sync_replicas(self) -> tuple:
        """The replicas that may be in sync without being promoted: all but the observers."""
        return tuple(replica for replica in self.replicas if replica not in self.observers)

    @property
    def target_replicas(self) -> tuple:
        """The replicas it shall have when its reassignment is complete; without one, those it has."""
        return tuple(replica for replica in self.replicas if replica not in self.removing_replicas)

    @property
    def reassigning(self) -> bool:
        """Whether replicas are being added or removed."""
        return bool(self.adding_replicas or self.removing_replicas)

    @property
    def preferred_leader(self) -> int:
        """The first of the replicas: it leads when all is well."""
        return self.replicas[0]

    def merge(self, change: PartitionChangeRecord) -> PartitionRegistration:
        """This registration with the change in it, its epochs raised by the rule."""
        recovery = change.leader_recovery_state
        return PartitionRegistration(
            self.replicas if change.replicas is None else change.replicas,
            self.isr if change.isr is None else change.isr,
            self.elr if change.elr is None else change.elr,
            self.last_known_elr if change.last_known_elr is None else change.last_known_elr,
            self.leader if change.leader is None else change.leader,
            self.leader_epoch if change.leader is None else self.leader_epoch + 1,
            self.partition_epoch + 1,
            self.leader_recovery_state if recovery is None else recovery,
            self.observers if change.observers is None else change.observers,
            self.adding_replicas if change.adding_replicas is None else change.adding_replicas,
            self.removing_replicas if change.removing_replicas is None else change.removing_replicas,
        )


class TopicImage(NamedTuple):
    """A topic and its partitions, in order of their numbers."""

    name: str
    id: str
    partitions: tuple[PartitionRegistration, ...]
