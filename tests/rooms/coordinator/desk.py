"""A group coordinator on a machine without a broker: its log is a list, replicated at once or when the test says so."""

from minikafka.coordinator.group_coordinator import GroupCoordinator
from minikafka.coordinator.shard import Written
from minikafka.protocol import group_requests as api
from minikafka.protocol.broker_settings import BROKER
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.member_metadata import Subscription, pack_assignment, pack_subscription
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import headers_of
from minikafka.protocol.records import records_of
from minikafka.protocol.settings import Config
from minikafka.world.world import World

FAST = {"group.initial.rebalance.delay.ms": 100, "offsets.topic.num.partitions": 1}


class PlainLog:
    """Keeps records; `refuses` is the error of the next appends, `holds` keeps everything from being replicated."""

    def __init__(self, machine):
        self.machine = machine
        self.records = []
        self.replicated = 0
        self.refuses = None
        self.holds = False

    def append(self, partition, leader_epoch, batch):
        if self.refuses:
            raise KafkaError(self.refuses)
        [header] = headers_of(batch)
        base = len(self.records)
        self.records += [one._replace(offset=base + delta) for delta, one in enumerate(records_of(batch, header))]
        if not self.holds:
            self.replicated = len(self.records)
        return Written(base, len(self.records))

    async def committed(self, partition, leader_epoch, end_offset, within):
        waited = 0
        while self.replicated < end_offset:
            if waited >= within:
                return Error.REQUEST_TIMED_OUT
            await self.machine.sleep(1000)
            waited += 1000
        return Error.NONE

    def release(self):
        self.holds, self.replicated = False, len(self.records)

    def high_watermark(self, partition):
        return self.replicated

    def read(self, partition):
        return list(self.records), 0, len(self.records)


class Desk:
    """The coordinator of one partition, and short words for what members say."""

    def __init__(self, log=None, **config):
        self.world = World(seed=1)
        self.world.region("here", zones=1)
        self.machine = self.world.machine("b1", "here-a")
        self.machine.start()
        self.log = log or PlainLog(self.machine)
        self.log.machine = self.machine
        settings = {**FAST, **{name.replace("_", "."): value for name, value in config.items()}}
        self.coordinator = GroupCoordinator(
            self.machine, Config(BROKER, settings), self.log, self.log.read, lambda topic, number: topic == "flights"
        )
        self.coordinator.shards.follow({0: 0}, 1)
        self.run("10ms")

    def run(self, time="1s"):
        self.world.run_for(time)

    def later(self, coroutine):
        """Begin to ask; the task has the answer when it is `done`."""
        return self.machine.spawn(coroutine)

    def ask(self, coroutine, within="1min"):
        task = self.later(coroutine)
        end = self.world.now + 60_000_000
        while not task.done and self.world.now < end:
            self.run("1ms")
        assert task.done, "no answer"
        return task.value

    def group(self, name="g"):
        return self.coordinator.shards.led[0].group(name)

    # -- what members say -------------------------------------------------------------------------------------------

    def join(
        self,
        member="",
        instance=None,
        group="g",
        session=10_000,
        rebalance=20_000,
        protocols=None,
        kind="consumer",
        topics=("flights",),
    ):
        if protocols is None:
            protocols = [api.Protocol("range", pack_subscription(Subscription(tuple(topics))))]
        request = api.JoinGroupRequest(group, session, rebalance, member, instance, kind, protocols, "c", None)
        return self.later(self.coordinator.join_group(request, "c"))

    def joins(self, *arguments, **named):
        task = self.join(*arguments, **named)
        self.run("1ms")
        return task.value if task.done else task

    def id(self, **named):
        """An id to come back with."""
        answer = self.joins(**named)
        assert answer.error == Error.MEMBER_ID_REQUIRED
        return answer.member_id

    def sync(self, member, generation=1, assignments=None, instance=None, group="g"):
        rows = [
            api.Assignment(one, pack_assignment([TopicPartition("flights", number) for number in numbers]))
            for one, numbers in (assignments or {}).items()
        ]
        request = api.SyncGroupRequest(group, generation, member, instance, "consumer", "range", rows)
        return self.later(self.coordinator.sync_group(request, "c"))

    def beat(self, member, generation=1, instance=None, group="g"):
        request = api.HeartbeatRequest(group, generation, member, instance)
        return Error(self.ask(self.coordinator.heartbeat(request, "c")).error)

    def leave(self, *members, instance=None, group="g"):
        rows = [api.LeavingMember(member, instance, None) for member in members]
        return self.ask(self.coordinator.leave_group(api.LeaveGroupRequest(group, rows), "c"))

    def commit(self, offset, member="", generation=-1, instance=None, group="g", topic="flights", note="", wait=True):
        row = api.OffsetToCommit(topic, 0, offset, -1, note)
        asking = self.coordinator.commit_offsets(
            api.OffsetCommitRequest(group, generation, member, instance, [row]), "c"
        )
        return Error(self.ask(asking).partitions[0].error) if wait else self.later(asking)

    def committed(self, group="g"):
        request = api.OffsetFetchRequest(group, [api.OffsetPartition("flights", 0)])
        return self.ask(self.coordinator.fetch_offsets(request, "c")).partitions[0].offset

    def stable(self, count=1, **named):
        """A stable group of so many dynamic members; their ids, the leader's first."""
        ids = [self.id(**named) for _ in range(count)]
        tasks = [self.join(member, **named) for member in ids]
        self.run("1s")
        leader = tasks[0].value.leader
        ids.sort(key=lambda one: one != leader)
        shares = {member: [number] for number, member in enumerate(ids)}
        syncs = [self.sync(member, tasks[0].value.generation, shares if member == leader else None) for member in ids]
        self.run("10ms")
        assert all(not task.value.error for task in syncs) and self.group().state == "Stable"
        return ids
