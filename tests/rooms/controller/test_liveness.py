"""Heartbeats, sessions, registrations: who is fenced when, and what that does to partitions."""

import pytest
from governed import SESSION, Governed

from minikafka.controller import liveness
from minikafka.controller.broker_sessions import BrokerSessions
from minikafka.events.governance import BrokerFenced, BrokerShuttingDown, BrokerUnfenced, LeaderElected
from minikafka.protocol.errors import Error


@pytest.fixture
def cluster():
    """flights-0 on 0, 1, 2 led by 0."""
    cluster = Governed(min_insync_replicas=2).start(0, 1, 2)
    cluster.create(assignment=[[0, 1, 2]])
    return cluster


def state(cluster, broker):
    return liveness.current_state(cluster.image.brokers[broker])


# -- registration -------------------------------------------------------------------------------------------------


def test_a_new_broker_is_fenced_and_its_epoch_is_the_offset_of_its_registration():
    cluster = Governed()
    response = cluster.register(0)
    assert (response.error, response.broker_epoch) == (Error.NONE, cluster.image.offset)
    assert state(cluster, 0) == "fenced"
    told = "registered broker 0, fenced for now, with broker epoch 2 (first registration)"
    assert cluster.events[-1].sentence() == told


def test_registering_twice_answers_the_same_epoch_and_records_nothing(cluster):
    before = cluster.image
    assert cluster.register(0).broker_epoch == before.brokers[0].epoch
    assert cluster.image is before


def test_another_incarnation_waits_out_the_valid_session(cluster):
    before = cluster.image
    response = cluster.register(0, "second")
    assert (response.error, response.broker_epoch) == (Error.DUPLICATE_BROKER_REGISTRATION, -1)
    assert cluster.image is before
    assert "try again once that session has expired" in cluster.events[-1].sentence()
    cluster.now = SESSION
    assert cluster.register(0, "second").error == Error.DUPLICATE_BROKER_REGISTRATION
    cluster.now = SESSION + 1
    assert cluster.register(0, "second").error == Error.NONE


def test_a_broker_that_was_told_to_stop_may_come_back_at_once(cluster):
    cluster.heartbeat(0, want_shut_down=True)
    cluster.heartbeat(1)
    cluster.heartbeat(2)
    assert cluster.heartbeat(0, want_shut_down=True).should_shut_down
    assert cluster.register(0, "second", previous=cluster.image.brokers[0].epoch).error == Error.NONE


def test_a_broker_that_dies_in_its_controlled_shutdown_may_come_back_at_once(cluster):
    cluster.heartbeat(0, want_shut_down=True)
    assert cluster.register(0, "second").error == Error.NONE


def test_a_new_incarnation_loses_its_place_in_the_isr_and_its_leadership(cluster):
    cluster.now = SESSION + 1  # expired, but the check has not come round yet
    old = cluster.image.brokers[0].epoch
    assert cluster.register(0, "second").broker_epoch == cluster.image.offset > old
    assert cluster.state() == (1, 1, [1, 2], [])
    assert state(cluster, 0) == "fenced"
    assert cluster.heartbeat(0, epoch=old).error == Error.STALE_BROKER_EPOCH


# -- heartbeats ---------------------------------------------------------------------------------------------------


def test_a_broker_is_unfenced_once_it_has_read_its_own_registration():
    cluster = Governed()
    epoch = cluster.register(0).broker_epoch
    response = cluster.heartbeat(0, offset=epoch - 1)
    assert (response.is_caught_up, response.is_fenced, state(cluster, 0)) == (False, True, "fenced")
    assert cluster.heartbeat(0, offset=epoch, want_fence=True).is_fenced
    response = cluster.heartbeat(0, offset=epoch)
    assert (response.is_caught_up, response.is_fenced, state(cluster, 0)) == (True, False, "unfenced")
    assert cluster.events[-1] == BrokerUnfenced(0, epoch)


def test_a_heartbeat_of_a_healthy_broker_records_nothing(cluster):
    before = cluster.image
    assert not cluster.heartbeat(0).is_fenced
    assert cluster.image is before


def test_a_broker_may_ask_to_be_fenced(cluster):
    assert cluster.heartbeat(0, want_fence=True).is_fenced
    assert cluster.state() == (1, 1, [1, 2], [])
    assert cluster.events[-1].reason == "wants to be fenced"


@pytest.mark.parametrize(
    "broker, epoch, error", [(9, 1, Error.BROKER_ID_NOT_REGISTERED), (0, 99, Error.STALE_BROKER_EPOCH)]
)
def test_a_heartbeat_of_nobody_we_know_is_refused(cluster, broker, epoch, error):
    before = cluster.image
    response = cluster.heartbeat(broker, epoch=epoch)
    assert (response.error, response.should_shut_down) == (error, False)
    assert cluster.image is before


# -- fencing ------------------------------------------------------------------------------------------------------


def test_fencing_moves_leaderships_and_shrinks_isrs_with_one_reason(cluster):
    cluster.fence(0)
    assert cluster.state() == (1, 1, [1, 2], [])
    elected, fenced = cluster.events[-2:]
    assert (type(elected), elected.clean, elected.reason) == (LeaderElected, True, "session timed out")
    assert fenced == BrokerFenced(0, cluster.image.brokers[0].epoch, "session timed out")


def test_fencing_a_fenced_or_an_unknown_broker_changes_nothing(cluster):
    cluster.fence(0)
    before = cluster.image
    cluster.fence(0)
    cluster.fence(9)
    assert cluster.image is before


def test_unfencing_brings_back_a_partition_without_leader(cluster):
    for broker in (0, 1, 2):
        cluster.fence(broker)
    assert cluster.state() == (-1, 3, [], [1, 2])
    cluster.heartbeat(0)
    assert cluster.state() == (-1, 3, [], [1, 2])
    cluster.heartbeat(2)
    assert cluster.state() == (2, 4, [2], [1])
    assert cluster.events[-1].reason == "broker unfenced"


def test_without_elr_only_the_last_member_brings_the_partition_back():
    cluster = Governed(elr=False, min_insync_replicas=2).start(0, 1, 2)
    cluster.create(assignment=[[0, 1, 2]])
    for broker in (0, 1, 2):
        cluster.fence(broker)
    assert cluster.state() == (-1, 3, [2], [])
    cluster.heartbeat(1)
    assert cluster.state() == (-1, 3, [2], [])
    cluster.heartbeat(2)
    assert cluster.state() == (2, 4, [2], [])


# -- the last replica standing (KIP-966) --------------------------------------------------------------------------


def last_replica_standing(elr):
    cluster = Governed(elr=elr, min_insync_replicas=2).start(0, 1, 2)
    cluster.create(assignment=[[0, 1, 2]])
    cluster.fence(0)
    cluster.fence(1)
    cluster.fence(2)  # loses power: its next incarnation comes without a clean-shutdown file
    return cluster


def test_without_elr_the_last_replica_leads_again_although_it_lost_its_tail():
    cluster = last_replica_standing(elr=False)
    cluster.heartbeat(0)
    cluster.heartbeat(1)
    cluster.register(2, "second")
    cluster.heartbeat(2)
    assert cluster.state() == (2, 4, [2], [])


def test_with_elr_a_replica_that_has_everything_leads():
    cluster = last_replica_standing(elr=True)
    assert cluster.state() == (-1, 3, [], [1, 2])
    cluster.heartbeat(0)
    cluster.heartbeat(1)
    assert cluster.state() == (1, 4, [1], [2])
    cluster.register(2, "second")
    assert cluster.state() == (1, 4, [1], [])


def test_with_elr_the_lossy_replica_waits_for_the_other_if_it_is_back_first():
    cluster = last_replica_standing(elr=True)
    cluster.register(2, "second")
    cluster.heartbeat(2)
    assert cluster.state() == (-1, 3, [], [1])
    cluster.heartbeat(1)
    assert cluster.state() == (1, 4, [1], [])


def test_with_elr_a_clean_restart_keeps_the_place():
    cluster = last_replica_standing(elr=True)
    cluster.register(2, "second", previous=cluster.image.brokers[2].epoch)
    cluster.heartbeat(2)
    assert cluster.state() == (2, 4, [2], [1])


def test_if_nobody_eligible_is_left_the_last_known_leader_leads_uncleanly():
    cluster = Governed(min_insync_replicas=1).start(0, 1)
    cluster.create(assignment=[[0, 1]])
    cluster.fence(0)
    cluster.restart(1, "second")
    assert cluster.state() == (1, 3, [1], [])
    assert cluster.events[-1].clean is False
    assert "elected broker 1 uncleanly" in cluster.events[-1].sentence()


# -- controlled shutdown ------------------------------------------------------------------------------------------


def test_a_leader_shuts_down_in_two_steps(cluster):
    response = cluster.heartbeat(0, want_shut_down=True)
    assert (response.should_shut_down, response.is_fenced, state(cluster, 0)) == (False, False, "controlled shutdown")
    assert cluster.state() == (1, 1, [1, 2], [])
    assert BrokerShuttingDown(0, cluster.image.brokers[0].epoch) in cluster.events
    assert cluster.events[-1].reason == "controlled shutdown"
    assert not cluster.heartbeat(0, want_shut_down=True).should_shut_down  # 1 and 2 have not said that they know
    cluster.heartbeat(1)
    assert not cluster.heartbeat(0, want_shut_down=True).should_shut_down
    cluster.heartbeat(2)
    response = cluster.heartbeat(0, want_shut_down=True)
    assert (response.should_shut_down, response.is_fenced, state(cluster, 0)) == (True, True, "fenced")


def test_facts_recorded_later_do_not_hold_up_a_shutdown(cluster):
    cluster.heartbeat(0, want_shut_down=True)
    recorded = cluster.image.offset
    cluster.create("later", partitions=1, factor=1)
    cluster.heartbeat(1, offset=recorded)
    cluster.heartbeat(2, offset=recorded)
    assert cluster.heartbeat(0, want_shut_down=True).should_shut_down


def test_a_broker_that_leads_nothing_stops_at_once(cluster):
    assert cluster.heartbeat(2, want_shut_down=True).should_shut_down
    assert cluster.state() == (0, 0, [0, 1], [])
    assert cluster.events[-1].reason == "shutdown now"


def test_a_fenced_broker_stops_at_once(cluster):
    cluster.fence(0)
    before = cluster.image
    assert cluster.heartbeat(0, want_shut_down=True).should_shut_down
    assert cluster.image is before


def test_the_last_broker_may_stop_although_partitions_go_offline():
    cluster = Governed(elr=False).start(0)
    cluster.create(assignment=[[0]])
    assert not cluster.heartbeat(0, want_shut_down=True).should_shut_down
    assert cluster.state() == (-1, 1, [0], [])
    assert cluster.heartbeat(0, want_shut_down=True).should_shut_down
    cluster.register(0, "second", previous=cluster.image.brokers[0].epoch)
    cluster.heartbeat(0)
    assert cluster.state() == (0, 2, [0], [])


def test_a_broker_in_controlled_shutdown_comes_into_no_isr_and_can_still_be_fenced(cluster):
    cluster.heartbeat(0, want_shut_down=True)
    assert cluster.alter([0, 1, 2]).error == Error.INELIGIBLE_REPLICA
    cluster.fence(0)
    assert state(cluster, 0) == "fenced"


# -- sessions -----------------------------------------------------------------------------------------------------


def test_broker_session_timeout_ms_counts_from_the_last_contact():
    sessions = BrokerSessions(timeout=9_000_000)
    sessions.touch(0, 5, now=0)
    sessions.touch(1, 6, now=4_000_000)
    assert sessions.longest_expired(9_000_000) is None
    assert sessions.longest_expired(9_000_001) == 0
    sessions.touch(0, 5, now=9_000_001)
    assert sessions.longest_expired(13_000_000) is None
    assert sessions.longest_expired(13_000_001) == 1
    assert sessions.valid(1, 6, 13_000_000)
    assert not sessions.valid(1, 6, 13_000_001)
    assert not sessions.valid(1, 5, 5_000_000)
    sessions.end(1)
    assert not sessions.valid(1, 6, 4_000_001)
    assert sessions.longest_expired(99_000_000) == 0


def test_the_lowest_active_offset_leaves_out_who_is_fenced_or_leaving(cluster):
    for broker, offset in ((0, 30), (1, 20), (2, 10)):
        cluster.heartbeat(broker, offset=offset)
    assert cluster.sessions.lowest_active_offset(cluster.image) == 10
    cluster.fence(2)
    assert cluster.sessions.lowest_active_offset(cluster.image) == 20
    cluster.fence(0)
    cluster.fence(1)
    assert cluster.sessions.lowest_active_offset(cluster.image) is None
