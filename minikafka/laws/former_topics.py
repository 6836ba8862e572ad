"""Whose word is about a topic that is not there any more, though another one may have its name.

Promises     from the deletion of a topic on, whatever a broker says of a partition that it still has from it is known
             to be about a former one; what it says of the new one is not.
Stands for   topic ids, which Kafka's requests carry for the same reason (KIP-516).
Left out     -
Differs      events name topics only; so this asks the broker's disk which topic id it has.

Brokers that have not heard of a deletion go on with the former topic: they append, commit and acknowledge. All this is
drawn in the picture, but nothing is promised about it, and no law of the new topic looks at it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minikafka.laws.picture import Picture
from minikafka.laws.pictured import ClusterPicture
from minikafka.protocol.names import TopicPartition

NO_TOPIC = ""


class FormerTopics:
    """Knows, of each partition whose topic was deleted once, which topic id has its name today, if any."""

    def __init__(self, picture: Picture, machines: Mapping[str, Any]):
        self.picture = picture
        self.machines = machines
        self.today: dict[tuple[str, TopicPartition], str] = {}

    def deleted(self, cluster: ClusterPicture, tp: TopicPartition) -> None:
        """The topic of this partition is no more; the replicas that brokers still have are former ones."""
        self.today[cluster.name, tp] = NO_TOPIC
        for replica in cluster.replicas.get(tp, {}).values():
            replica.former = True

    def made_anew(self, cluster: ClusterPicture, tp: TopicPartition, topic_id: str) -> bool:
        """There is such a partition now; whether one of that name was deleted before."""
        if (cluster.name, tp) in self.today:
            self.today[cluster.name, tp] = topic_id
            return True
        return False

    def speaks(self, place: str, event: Any) -> bool:
        """Whether a broker speaks of a former partition, at this moment."""
        if not self.today:
            return False
        tp, cluster = getattr(event, "partition", None), self.picture.at(place)
        today = self.today.get((cluster.name, tp))
        if today is None or place not in cluster.id_of:
            return False
        process, held = self.machines[place].process, cluster.replicas.get(tp, {}).get(place)
        there = None if process is None else process.store.topic_ids.get(tp)
        return there != today if there is not None else held is not None and held.former

    def mark(self, place: str, tp: TopicPartition) -> None:
        """The replica at this place is a former one."""
        replica = self.picture.at(place).replicas.get(tp, {}).get(place)
        if replica is not None:
            replica.former = True
