"""Which replicas count while a change of the ISR may or may not be recorded."""

from minikafka.broker.isr_state import Committed, PendingExpand, PendingShrink


def test_committed():
    state = Committed((1, 2))
    assert (state.isr, state.maximal_isr, state.in_flight) == ((1, 2), (1, 2), False)
    assert state.last_committed is state


def test_an_expansion_counts_for_commits_alone():
    committed = Committed((1, 2))
    state = PendingExpand(committed, 3, "")
    assert (state.isr, state.maximal_isr, state.wanted, state.in_flight) == ((1, 2), (1, 2, 3), (1, 2, 3), True)
    assert state.last_committed is committed


def test_a_shrink_still_waits_for_who_shall_leave():
    state = PendingShrink(Committed((1, 2, 3)), (3, 2), "")
    assert (state.isr, state.maximal_isr, state.wanted) == ((1, 2, 3), (1, 2, 3), (1,))
