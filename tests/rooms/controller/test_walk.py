"""A random walk over everything that can be asked of a controller; the laws of its state hold after each step."""

from random import Random

import pytest
from governed import Governed

from minikafka.events import governance
from minikafka.metadata.facts import RECOVERED, RECOVERING
from minikafka.protocol.admin_requests import PREFERRED, UNCLEAN, ElectionPartition
from minikafka.protocol.names import NO_LEADER, TopicPartition

BROKERS = range(5)
TOPICS = ("flights", "seats")


def check_state(image, elr, min_isr):
    """What must be true of any image."""
    for topic, number, partition in image.partitions():
        where = f"{topic.name}-{number}: {partition}"
        isr, partition_elr, replicas = partition.isr, partition.elr, partition.replicas
        everyone = [*isr, *partition_elr]
        assert len(dict.fromkeys(everyone)) == len(everyone), f"twice in ISR and ELR: {where}"
        assert all(member in replicas for member in everyone), f"no replica: {where}"
        assert len(isr) < min(min_isr, len(replicas)) or not partition_elr, f"an ELR though the ISR is large: {where}"
        assert partition.leader == NO_LEADER or partition.leader in isr, f"leader not in sync: {where}"
        assert partition.leader == NO_LEADER or image.alive(partition.leader), f"leader not alive: {where}"
        fenced = [member for member in isr if image.brokers[member].fenced]
        if elr:
            assert not fenced, f"fenced in the ISR: {where}"
            assert (partition.leader == NO_LEADER) == (not isr), f"leader and ISR come and go together: {where}"
            assert not partition.last_known_elr or partition.leader == NO_LEADER, f"last known leader kept: {where}"
        else:
            assert isr, f"empty ISR: {where}"
            assert not fenced or isr == tuple(fenced[:1]), f"fenced in company: {where}"
            assert not partition_elr and not partition.last_known_elr, f"ELR without the feature: {where}"


def check_step(before, after, clean_only):
    """What must be true of any two images, one after the other."""
    for topic_name, topic in after.topics.items():
        old_topic = before.topics.get(topic_name)
        if old_topic is None or old_topic.id != topic.id:
            assert all(p.leader_epoch == p.partition_epoch == 0 and p.leader == p.isr[0] for p in topic.partitions)
            continue
        for was, now in zip(old_topic.partitions, topic.partitions, strict=True):
            if was is now:
                continue
            assert now.partition_epoch == was.partition_epoch + 1, (was, now)
            assert now.leader_epoch - was.leader_epoch == int(now.leader != was.leader), (was, now)
            elected = now.leader not in (was.leader, NO_LEADER)
            clean = now.leader in was.isr or (now.isr == (now.leader,) and now.leader in was.elr)
            last_leader = was.last_known_elr == (now.leader,) and not was.isr and not was.elr
            if elected and clean_only:
                assert clean or last_leader, f"an unclean leader though that is off: {was} -> {now}"
            if elected and not clean:
                assert (now.isr, now.elr, now.leader_recovery_state) == ((now.leader,), (), RECOVERING), (was, now)
    for broker_id, was in before.brokers.items():
        now = after.brokers[broker_id]
        assert now.epoch >= was.epoch, (was, now)
        if now.incarnation_id != was.incarnation_id:
            assert now.epoch > was.epoch and now.fenced, (was, now)


class Picture:
    """Brokers and partitions as the events tell them."""

    def __init__(self):
        self.brokers = {}
        self.partitions = {}

    def fold(self, event):
        match event:
            case governance.BrokerRegistered():
                self.brokers[event.broker] = (event.broker_epoch, "fenced", False)
            case governance.BrokerFenced():
                self.brokers[event.broker] = (event.broker_epoch, "fenced", self.brokers[event.broker][2])
            case governance.BrokerUnfenced():
                self.brokers[event.broker] = (event.broker_epoch, "unfenced", self.brokers[event.broker][2])
            case governance.BrokerShuttingDown():
                self.brokers[event.broker] = (event.broker_epoch, self.brokers[event.broker][1], True)
            case governance.TopicCreated():
                for number, isr in enumerate(event.isrs):
                    self.partitions[event.topic, number] = (isr[0], 0, isr, (), 0)
            case governance.TopicDeleted():
                self.partitions = {which: p for which, p in self.partitions.items() if which[0] != event.topic}
            case governance.LeaderElected():
                self.partitions[event.partition] = event[1:6]
            case governance.PartitionWentOffline():
                self.partitions[event.partition] = (NO_LEADER, *event[2:6])
            case governance.IsrRecorded():
                leader, epoch = self.partitions[event.partition][:2]
                self.partitions[event.partition] = (leader, epoch, event.isr, event.elr, event.partition_epoch)

    def check(self, image):
        brokers = {
            broker.id: (broker.epoch, "fenced" if broker.fenced else "unfenced", broker.in_controlled_shutdown)
            for broker in image.brokers.values()
        }
        partitions = {
            (topic.name, number): (p.leader, p.leader_epoch, p.isr, p.elr, p.partition_epoch)
            for topic, number, p in image.partitions()
        }
        assert (self.brokers, self.partitions) == (brokers, partitions)


def step(cluster, dice):
    """One random thing that brokers, administrators or the clock may do, sensible or not."""
    broker = dice.choice(BROKERS)
    known = cluster.image.brokers.get(broker)
    choice = dice.randrange(100)
    if choice < 12:
        incarnation = dice.choice(["first", f"again-{cluster.now}"])
        old_session = known and cluster.sessions.valid(broker, known.epoch, cluster.now)
        response = cluster.register(broker, incarnation, dice.choice([-1, known.epoch if known else -1]))
        if known and incarnation != known.incarnation_id:
            assert (response.error != 0) == bool(old_session and not known.in_controlled_shutdown)
    elif choice < 45:
        stale = dice.choice([0, 0, 0, 1])
        offset = dice.choice([cluster.image.offset, dice.randrange(cluster.image.offset + 1)])
        epoch = known.epoch - stale if known else 0
        cluster.heartbeat(broker, epoch, offset, dice.random() < 0.05, dice.random() < 0.15)
    elif choice < 60:
        cluster.now += dice.choice([10_000, 1_000_000, 5_000_000])
        silent = cluster.sessions.longest_expired(cluster.now)
        if silent is not None:
            cluster.fence(silent)
    elif choice < 85:
        alter(cluster, dice)
    elif choice < 93:
        which = [ElectionPartition(dice.choice(TOPICS), dice.randrange(4))]
        cluster.elect(dice.choice([PREFERRED, PREFERRED, UNCLEAN]), dice.choice([which, None]))
    elif choice < 98:
        cluster.create(dice.choice(TOPICS), partitions=dice.randrange(1, 4), factor=dice.randrange(1, 5))
    else:
        cluster.delete(dice.choice(TOPICS))


def alter(cluster, dice):
    which = TopicPartition(dice.choice(TOPICS), dice.randrange(3))
    now = cluster.image.partition(which)
    if now is None or now.leader == NO_LEADER:
        return
    others = [replica for replica in now.replicas if replica != now.leader and dice.random() < 0.7]
    epochs = {member: dice.choice([-1, cluster.image.brokers[member].epoch]) for member in others}
    cluster.alter(
        [now.leader, *others],
        broker=dice.choice([now.leader, now.leader, *now.replicas]),
        number=which.partition,
        topic=which.topic,
        epochs=epochs,
        leader_epoch=now.leader_epoch - dice.choice([0, 0, 0, 1]),
        partition_epoch=now.partition_epoch - dice.choice([0, 0, 0, 1]),
        leader_recovery_state=RECOVERED,
    )


@pytest.mark.parametrize("elr", [True, False], ids=["elr", "no elr"])
@pytest.mark.parametrize("unclean", [False, True], ids=["clean", "unclean"])
@pytest.mark.parametrize("min_isr", [1, 2, 3])
@pytest.mark.parametrize("seed", range(5))
def test_the_laws_hold_on_every_walk(elr, unclean, min_isr, seed):
    dice = Random(seed)
    cluster = Governed(elr=elr, min_insync_replicas=min_isr, unclean_leader_election_enable=unclean).start(0, 1, 2)
    cluster.create("flights", partitions=3, factor=3)
    picture = Picture()
    for event in cluster.events:
        picture.fold(event)
    for _ in range(400):
        cluster.images, cluster.events = [cluster.image], []
        step(cluster, dice)
        asked = any("unclean leader election" == getattr(event, "reason", "") for event in cluster.events)
        for before, after in zip(cluster.images, cluster.images[1:], strict=False):
            check_step(before, after, clean_only=not unclean and not asked)
        check_state(cluster.image, elr, min_isr)
        for event in cluster.events:
            picture.fold(event)
            assert event.sentence()
        picture.check(cluster.image)


def test_a_walk_is_the_same_every_time():
    def walk():
        dice = Random(3)
        cluster = Governed(min_insync_replicas=2).start(0, 1, 2)
        cluster.create("flights", partitions=3, factor=3)
        for _ in range(300):
            step(cluster, dice)
        return cluster.image, [event.sentence() for event in cluster.events]

    assert walk() == walk()
