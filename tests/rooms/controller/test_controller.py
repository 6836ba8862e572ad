"""The controller as a process: decide, record, apply, reply; and everything again after a restart."""

import pytest

from minikafka.controller.controller import Controller
from minikafka.events import governance
from minikafka.metadata.fact_batches import apply_batches
from minikafka.metadata.image import ClusterImage
from minikafka.protocol.admin_requests import CreatableTopic, CreateTopicsRequest, DeleteTopicsRequest
from minikafka.protocol.channel import Channel
from minikafka.protocol.cluster_requests import (
    AllocateProducerIdsRequest,
    AlterPartitionPartition,
    AlterPartitionRequest,
    BrokerHeartbeatRequest,
    BrokerRegistrationRequest,
    FetchMetadataRequest,
    IsrMember,
)
from minikafka.protocol.errors import ConfigException, Error
from minikafka.protocol.names import TopicPartition
from minikafka.world.network import Disconnected
from minikafka.world.world import World

FLIGHTS = TopicPartition("flights", 0)


class Site:
    """A controller and a machine that plays all brokers, one channel each."""

    def __init__(self, config=None, features=None):
        self.world = World(seed=3)
        zone = self.world.region("east").zones[0]
        self.machine = self.world.machine("c/controller", zone)
        self.machine.install(lambda machine: Controller(machine, "c", config or {}, features))
        self.machine.start()
        self.client = self.world.machine("client", zone)
        self.client.start()
        self.channels = {}
        self.world.run_for("1ms")

    @property
    def controller(self):
        return self.machine.process

    @property
    def image(self):
        return self.controller.image

    def channel(self, name):
        return self.channels.setdefault(name, Channel(self.client, "c/controller"))

    def ask(self, request, name="admin"):
        try:
            return self.world.finish(self.channel(name).ask(request, 30_000_000))
        except Disconnected:  # the controller was down in between, and nobody told this connection
            return self.world.finish(self.channel(name).ask(request, 30_000_000))

    def register(self, broker, incarnation="first", previous=-1):
        return self.ask(BrokerRegistrationRequest(broker, incarnation, f"c/b{broker}", "", previous))

    def beat(self, broker, want_shut_down=False):
        epoch = self.image.brokers[broker].epoch
        return self.ask(BrokerHeartbeatRequest(broker, epoch, self.image.offset, False, want_shut_down), f"b{broker}")

    def start(self, *brokers):
        for broker in brokers:
            self.register(broker)
            self.beat(broker)
        return self

    def keep_beating(self, *brokers):
        async def beating(broker):
            while True:
                epoch = self.image.brokers[broker].epoch
                request = BrokerHeartbeatRequest(broker, epoch, self.image.offset, False, False)
                await self.channel(f"beat{broker}").ask(request, 5_000_000)
                await self.client.sleep(2_000_000)

        for broker in brokers:
            self.client.spawn(beating(broker))

    def create(self, name="flights", assignment=None):
        topic = CreatableTopic(name, -1, -1, assignment or [[0, 1, 2]], [["min.insync.replicas", 2]])
        return self.ask(CreateTopicsRequest([topic], 1000, False)).topics[0]

    def fetch(self, offset, wait=0, name="fetch"):
        return self.ask(FetchMetadataRequest(0, 0, offset, wait), name)

    def told(self, kind):
        return [one for one in self.world.recorder.trace if isinstance(one.event, kind)]


@pytest.fixture
def site():
    """Three live brokers and one topic on them."""
    site = Site().start(0, 1, 2)
    site.create()
    return site


def test_a_new_cluster_begins_with_its_features():
    site = Site({"min.insync.replicas": 2})
    assert site.image.features == {"eligible.leader.replicas.version": 1}
    assert site.image.cluster_config() == {"min.insync.replicas": 2}
    site = Site(features={"eligible.leader.replicas.version": 0})
    assert site.image.features == {"eligible.leader.replicas.version": 0}
    assert site.image.cluster_config() == {}


@pytest.mark.parametrize(
    "features, part", [({"teleport": 1}, "teleport is no feature"), ({"eligible.leader.replicas.version": 2}, "use 0")]
)
def test_features_we_do_not_know_are_refused(features, part):
    with pytest.raises(ConfigException, match=part):
        Site(features=features)


def test_settings_we_do_not_know_are_refused():
    with pytest.raises(ConfigException, match="broker.session.timeout.ms"):
        Site({"broker.session.timeout": 5})


def test_requests_come_through_to_the_deciders(site):
    assert site.image.partition(FLIGHTS).leader == 0
    epoch = site.image.brokers[0].epoch
    wish = AlterPartitionPartition(site.image.topics["flights"].id, 0, 0, [IsrMember(0, epoch), IsrMember(1, -1)], 0, 0)
    response = site.ask(AlterPartitionRequest(0, epoch, [wish]))
    assert (response.error, list(response.partitions[0].isr)) == (Error.NONE, [0, 1])
    assert site.ask(AllocateProducerIdsRequest(0, epoch)).producer_id_start == 0
    assert site.ask(AllocateProducerIdsRequest(1, epoch)).error == Error.STALE_BROKER_EPOCH
    assert site.ask(DeleteTopicsRequest(["flights"], 1000)).topics[0].error == Error.NONE
    assert site.image.topics == {}


def test_the_log_gives_every_follower_the_same_image(site):
    response = site.fetch(0)
    assert (response.error, response.controller_epoch) == (Error.NONE, 1)
    assert response.high_watermark == site.image.offset + 1
    assert apply_batches(ClusterImage(), response.records) == site.image


def test_a_fetch_of_the_metadata_waits_for_news(site):
    end = site.image.offset + 1
    before = site.world.now
    response = site.fetch(end, wait=700)
    assert (response.records, site.world.now >= before + 700_000) == (b"", True)
    waiting = site.client.spawn(site.channel("w").ask(FetchMetadataRequest(0, 0, end, 60_000), 90_000_000))
    site.world.run_for("1s")
    assert not waiting.done
    site.create("more")
    site.world.run_for("1s")
    assert waiting.done
    response = site.world.finish(_result(waiting))
    assert response.high_watermark == site.image.offset + 1
    assert len(response.records) > 0


async def _result(task):
    return await task


@pytest.mark.parametrize("offset", [-1, 10_000])
def test_a_fetch_outside_the_log_is_refused(site, offset):
    response = site.fetch(offset, wait=1000)
    assert (response.error, response.records) == (Error.OFFSET_OUT_OF_RANGE, b"")


@pytest.mark.parametrize("stop", ["crash", "power_off"])
def test_a_restart_knows_everything_and_counts_its_epoch(site, stop):
    before = site.image
    getattr(site.machine, stop)()
    site.machine.start()
    assert site.image == before
    assert site.controller.epoch == 2
    assert [one.event.controller_epoch for one in site.told(governance.ControllerStarted)] == [1, 2]
    assert len(site.told(governance.TopicCreated)) == 1  # what was told once is not told again
    assert site.fetch(0).high_watermark == before.offset + 1
    assert site.create("more").error == Error.NONE
    assert apply_batches(ClusterImage(), site.fetch(0).records) == site.image


def test_a_restart_gives_every_broker_a_full_session(site):
    site.world.run_for("8s")
    site.machine.crash()
    site.machine.start()
    started = site.world.now
    site.world.run_for("8900ms")
    assert site.told(governance.BrokerFenced) == []
    assert site.register(0, "second").error == Error.DUPLICATE_BROKER_REGISTRATION
    site.world.run_for("3s")
    assert [one.event.broker for one in site.told(governance.BrokerFenced)] == [0, 1, 2]
    assert all(9_000_000 < one.time - started <= 10_125_000 + 30_000 for one in site.told(governance.BrokerFenced))


def test_a_silent_broker_is_fenced_between_nine_and_ten_seconds_and_the_others_stay(site):
    site.keep_beating(1, 2)
    site.beat(0)
    heard = site.world.now
    site.world.run_for("30s")
    (fenced,) = site.told(governance.BrokerFenced)
    assert fenced.event.broker == 0
    assert 9_000_000 <= fenced.time - heard <= 10_125_000
    assert site.image.partition(FLIGHTS).leader == 1
    assert site.image.partition(FLIGHTS).isr == (1, 2)


def test_brokers_that_go_silent_together_are_fenced_together(site):
    site.world.run_for("30s")
    times = [one.time for one in site.told(governance.BrokerFenced)]
    assert len(times) == 3
    assert times[-1] - times[0] == 20_000


def test_a_shorter_session_is_kept():
    site = Site({"broker.session.timeout.ms": 2000}).start(0)
    heard = site.world.now
    site.world.run_for("5s")
    (fenced,) = site.told(governance.BrokerFenced)
    assert 2_000_000 <= fenced.time - heard <= 2_250_000


def test_a_controlled_shutdown_ends_when_all_have_read_it(site):
    assert not site.beat(0, want_shut_down=True).should_shut_down
    site.beat(1)
    site.beat(2)
    assert site.beat(0, want_shut_down=True).should_shut_down
    assert site.register(0, "second", site.image.brokers[0].epoch).error == Error.NONE


def test_leader_imbalance_check_interval_seconds_and_auto_leader_rebalance_enable():
    for enabled, leader in ((True, 0), (False, 1)):
        config = {"auto.leader.rebalance.enable": enabled, "leader.imbalance.check.interval.seconds": 60}
        site = Site(config).start(0, 1)
        site.create(assignment=[[0, 1]])
        site.keep_beating(1)
        site.world.run_for("12s")
        assert site.image.partition(FLIGHTS).leader == 1
        site.keep_beating(0)
        site.world.run_for("1s")
        now, topic_id = site.image.partition(FLIGHTS), site.image.topics["flights"].id
        members = [IsrMember(0, -1), IsrMember(1, -1)]
        wish = AlterPartitionPartition(topic_id, 0, now.leader_epoch, members, 0, now.partition_epoch)
        request = AlterPartitionRequest(1, site.image.brokers[1].epoch, [wish])
        assert site.ask(request).partitions[0].error == Error.NONE
        site.world.run_for("60s")
        assert site.image.partition(FLIGHTS).leader == leader


def test_the_metadata_log_is_flushed_before_the_reply(site):
    site.create("more")
    site.machine.power_off()
    site.machine.start()
    site.world.run_for("1ms")
    assert list(site.image.topics) == ["flights", "more"]


def test_same_seed_same_topic_ids():
    ids = []
    for _ in range(2):
        site = Site().start(0, 1, 2)
        ids.append([site.create().topic_id, site.create("more").topic_id])
    assert ids[0] == ids[1]
    assert ids[0][0] != ids[0][1]
