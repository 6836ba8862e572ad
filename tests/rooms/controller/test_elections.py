"""Elections and the ELR: Kafka's order, the epochs, and what an unclean election costs."""

import pytest

from minikafka.controller import elections
from minikafka.controller.elections import ONLINE, PREFERRED, UNCLEAN, Elected, Terms, partition_change
from minikafka.metadata.facts import RECOVERED, RECOVERING, PartitionChangeRecord
from minikafka.metadata.registrations import PartitionRegistration


def partition(replicas=(0, 1, 2), isr=(0, 1, 2), elr=(), last=(), leader=0, recovery=RECOVERED):
    return PartitionRegistration(replicas, isr, elr, last, leader, 5, 9, recovery)


def terms(*alive, min_isr=2, elr=True, election=ONLINE, lost=()):
    return Terms(min_isr, lambda replica: replica in alive, elr, election, lost)


def choose(now, some_terms):
    return elections.choose_leader(now, now.isr, now.elr, some_terms)


# -- the order of 2.13 --------------------------------------------------------------------------------------------


def test_a_leader_that_can_stay_stays():
    assert choose(partition(leader=2), terms(0, 1, 2)) == Elected(2)


def test_the_first_live_member_in_replica_order_is_elected_not_in_isr_order():
    assert choose(partition(replicas=(2, 0, 1), isr=(1, 0), leader=2), terms(0, 1)) == Elected(0)


def test_a_live_replica_outside_the_isr_is_passed_over():
    assert choose(partition(isr=(2,), leader=0), terms(1, 2)) == Elected(2)
    assert choose(partition(isr=(2,), leader=0), terms(0, 1)) == Elected(-1)


def test_a_preferred_election_begins_with_the_first_replica():
    assert choose(partition(leader=2), terms(0, 1, 2, election=PREFERRED)) == Elected(0)


def test_a_preferred_election_keeps_the_leader_if_the_first_replica_cannot_lead():
    assert choose(partition(leader=2, isr=(1, 2)), terms(0, 1, 2, election=PREFERRED)) == Elected(2)
    assert choose(partition(leader=2), terms(1, 2, election=PREFERRED)) == Elected(2)


def test_the_elr_counts_only_when_the_isr_is_empty():
    assert choose(partition(isr=(), elr=(1, 2), leader=-1), terms(2)) == Elected(2)
    assert choose(partition(isr=(0,), elr=(1, 2), leader=0), terms(1, 2)) == Elected(-1)


def test_the_last_known_leader_is_elected_uncleanly_when_isr_and_elr_are_empty():
    gone = partition(isr=(), elr=(), last=(1,), leader=-1)
    assert choose(gone, terms(0, 1)) == Elected(1, clean=False)
    assert choose(gone, terms(0, 2)) == Elected(-1)
    assert choose(gone, terms(0, 1, elr=False)) == Elected(-1)
    assert choose(gone._replace(last_known_elr=(1, 2)), terms(1, 2)) == Elected(-1)


def test_an_unclean_election_takes_the_first_live_replica_only_if_no_clean_one_is_possible():
    assert choose(partition(isr=(2,)), terms(0, 1, election=UNCLEAN)) == Elected(0, clean=False)
    assert choose(partition(isr=(2,), leader=-1), terms(0, 1, 2, election=UNCLEAN)) == Elected(2)
    assert choose(partition(isr=(2,)), terms(election=UNCLEAN)) == Elected(-1)


# -- the record ---------------------------------------------------------------------------------------------------


def test_nothing_changes_without_a_reason():
    assert partition_change("t", 0, partition(), terms(0, 1, 2)) is None


def test_a_shrink_alone_leaves_the_leader_epoch():
    change = partition_change("t", 0, partition(), terms(0, 1, 2), isr=(0, 1))
    assert change == PartitionChangeRecord("t", 0, isr=(0, 1))
    after = partition().merge(change)
    assert (after.leader_epoch, after.partition_epoch) == (5, 10)


def test_a_new_leader_raises_both_epochs():
    after = partition().merge(partition_change("t", 0, partition(), terms(1, 2), isr=(1, 2)))
    assert (after.leader, after.leader_epoch, after.partition_epoch, after.isr) == (1, 6, 10, (1, 2))


def test_losing_the_leader_raises_both_epochs_too():
    now = partition(isr=(0,), elr=())
    after = now.merge(partition_change("t", 0, now, terms(1, 2, min_isr=1), isr=()))
    assert (after.leader, after.leader_epoch, after.isr, after.elr) == (-1, 6, (), (0,))
    assert after.last_known_elr == (0,)


def test_without_elr_the_last_member_stays_in_the_isr():
    now = partition(isr=(0,))
    change = partition_change("t", 0, now, terms(1, 2, elr=False), isr=())
    assert change == PartitionChangeRecord("t", 0, leader=-1)
    assert now.merge(change).isr == (0,)


def test_without_elr_an_unclean_election_still_replaces_the_last_member():
    now = partition(isr=(0,))
    after = now.merge(partition_change("t", 0, now, terms(1, 2, elr=False, election=UNCLEAN), isr=()))
    assert (after.leader, after.isr, after.leader_recovery_state) == (1, (1,), RECOVERING)


def test_an_unclean_leader_is_alone_in_the_isr_and_recovering_and_the_elr_is_cleared():
    now = partition(isr=(), elr=(2,), last=(2,), leader=-1)
    after = now.merge(partition_change("t", 0, now, terms(0, 1, election=UNCLEAN)))
    assert after == PartitionRegistration((0, 1, 2), (0,), (), (), 0, 6, 10, RECOVERING)


def test_an_elr_member_comes_back_alone_and_leaves_the_elr():
    now = partition(isr=(), elr=(1, 2), last=(2,), leader=-1)
    after = now.merge(partition_change("t", 0, now, terms(1)))
    assert after == PartitionRegistration((0, 1, 2), (1,), (2,), (), 1, 6, 10, RECOVERED)


def test_a_recovered_leader_says_so():
    now = partition(isr=(0,), recovery=RECOVERING)
    change = partition_change("t", 0, now, terms(0, 1, 2, min_isr=1), isr=(0, 1), recovery_state=RECOVERED)
    assert change == PartitionChangeRecord("t", 0, isr=(0, 1), leader_recovery_state=RECOVERED)


# -- the ELR of 2.14 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "isr, elr, target, lost, min_isr, expected",
    [
        ((0, 1, 2), (), (0, 1), (), 2, ()),
        ((0, 1), (), (0,), (), 2, (1,)),
        ((0,), (1,), (), (), 2, (0, 1)),
        ((0,), (1,), (0, 2), (), 2, ()),
        ((0,), (1, 2), (0, 1), (), 3, (2,)),
        ((), (1, 2), (), (2,), 2, (1,)),
        ((0, 1), (), (0,), (1,), 2, ()),
        ((0,), (), (), (), 1, (0,)),
    ],
)
def test_the_elr_is_who_left_at_or_below_min_isr_without_losing_anything(isr, elr, target, lost, min_isr, expected):
    now = partition(isr=isr, elr=elr)
    assert elections.eligible_leader_replicas(now, target, terms(lost=lost, min_isr=min_isr)) == expected


def test_without_the_feature_there_is_no_elr():
    assert elections.eligible_leader_replicas(partition(isr=(0, 1)), (0,), terms(elr=False)) == ()


def test_effective_min_isr_is_never_more_than_the_replicas():
    assert elections.effective_min_isr(3, (0,)) == 1
    assert elections.effective_min_isr(2, (0, 1, 2)) == 2
