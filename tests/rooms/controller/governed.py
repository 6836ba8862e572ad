"""A cluster of pure decisions: an image, the sessions, and what was decided, without world, log or network."""

from random import Random

from minikafka.controller import chronicle, isr_changes, leader_changes, liveness, registration, topic_admin
from minikafka.controller.broker_sessions import BrokerSessions
from minikafka.controller.features import bootstrap_facts
from minikafka.metadata.facts import RECOVERED
from minikafka.metadata.image import ClusterImage
from minikafka.protocol.admin_requests import (
    CreatableTopic,
    CreateTopicsRequest,
    DeleteTopicsRequest,
    ElectLeadersRequest,
)
from minikafka.protocol.broker_settings import CONTROLLER
from minikafka.protocol.cluster_requests import (
    AlterPartitionPartition,
    AlterPartitionRequest,
    BrokerHeartbeatRequest,
    BrokerRegistrationRequest,
    IsrMember,
)
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.settings import Config

SESSION = 9_000_000


class Governed:
    """Decides and applies at once; `events` keeps what would be recorded."""

    def __init__(self, elr=True, **settings):
        self.config = Config(CONTROLLER, {name.replace("_", "."): value for name, value in settings.items()})
        self.sessions = BrokerSessions(SESSION)
        self.now = 0
        self.image = ClusterImage()
        self.events = []
        self.images = [self.image]
        self.dice = Random(1)
        facts = bootstrap_facts(self.config, {"eligible.leader.replicas.version": int(elr)})
        self.image = self.image.apply(facts, len(facts) - 1)

    def settle(self, decision):
        if decision.facts:
            before = self.image
            self.image = before.apply(decision.facts, before.offset + len(decision.facts))
            self.images.append(self.image)
            self.events += chronicle.events_of(before, self.image, decision.facts, decision.reason)
        self.events += decision.notes
        return decision.response

    # -- brokers

    def register(self, broker, incarnation="first", previous=-1, rack=""):
        request = BrokerRegistrationRequest(broker, incarnation, f"c/b{broker}", rack, previous)
        decision = registration.register_broker(self.image, request, self.sessions, self.now, self.config)
        if decision.facts:
            self.sessions.begin(broker, decision.response.broker_epoch, self.now)
        return self.settle(decision)

    def heartbeat(self, broker, epoch=None, offset=None, want_fence=False, want_shut_down=False):
        known = self.image.brokers.get(broker)
        request = BrokerHeartbeatRequest(
            broker,
            (known.epoch if known else 0) if epoch is None else epoch,
            self.image.offset if offset is None else offset,
            want_fence,
            want_shut_down,
        )
        decision = liveness.heartbeat(self.image, request, self.sessions, self.config)
        if decision.response.error == 0:
            self.sessions.heard(request, decision.response, self.now)
        response = self.settle(decision)
        if response.error == 0 and liveness.current_state(self.image.brokers[broker]) == liveness.CONTROLLED_SHUTDOWN:
            self.sessions.shuts_down_at(broker, self.image.offset)
        return response

    def start(self, *brokers, racks=None):
        for broker in brokers:
            self.register(broker, rack=(racks or {}).get(broker, ""))
            self.heartbeat(broker)
        return self

    def fence(self, broker):
        self.sessions.end(broker)
        self.settle(liveness.expire_session(self.image, broker, self.config))

    def restart(self, broker, incarnation, clean=False, unfence=True):
        """A new incarnation, once the old one has been fenced."""
        self.fence(broker)
        previous = self.image.brokers[broker].epoch if clean else -1
        response = self.register(broker, incarnation, previous)
        if unfence:
            self.heartbeat(broker)
        return response

    # -- topics

    def create(self, name="flights", assignment=None, partitions=-1, factor=-1, validate_only=False, **configs):
        pairs = [[setting.replace("_", "."), value] for setting, value in configs.items()]
        topic = CreatableTopic(name, partitions, factor, assignment or [], pairs)
        request = CreateTopicsRequest([topic], 1000, validate_only)
        return self.settle(topic_admin.create_topics(self.image, request, self.config, self.dice)).topics[0]

    def delete(self, *names):
        return self.settle(topic_admin.delete_topics(self.image, DeleteTopicsRequest(list(names), 1000), self.config))

    def elect(self, kind, partitions):
        request = ElectLeadersRequest(kind, partitions)
        return self.settle(leader_changes.elect_leaders(self.image, request, self.config)).partitions

    def alter(self, isr, broker=None, number=0, topic="flights", epochs=(), **changed):
        """The leader (or `broker`) asks for this ISR; `changed` fields of the wish, `epochs` of members."""
        now = self.image.partition(TopicPartition(topic, number))
        members = [IsrMember(member, dict(epochs).get(member, -1)) for member in isr]
        fields = {
            "topic_id": self.image.topics[topic].id,
            "partition": number,
            "leader_epoch": now.leader_epoch,
            "new_isr": members,
            "leader_recovery_state": RECOVERED,
            "partition_epoch": now.partition_epoch,
        }
        wish = AlterPartitionPartition(**{**fields, **changed})
        broker = now.leader if broker is None else broker
        epoch = self.image.brokers[broker].epoch if broker in self.image.brokers else 0
        return self.settle(
            isr_changes.alter_partition(self.image, AlterPartitionRequest(broker, epoch, [wish]), self.config)
        ).partitions[0]

    def __getitem__(self, number):
        return self.image.partition(TopicPartition("flights", number))

    def state(self, number=0):
        """(leader, leader epoch, ISR, ELR) of a partition of flights."""
        partition = self[number]
        return partition.leader, partition.leader_epoch, list(partition.isr), list(partition.elr)
