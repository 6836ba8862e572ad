"""How a trace is cut into steps."""

from minikafka.viz.moments import GROUP_OF, GROUPS, group_of, moments_of


def test_every_event_is_in_exactly_one_moment(watched):
    trace = watched.recorder.trace
    at = 0
    for moment in moments_of(trace):
        assert moment.first == at and moment.first <= moment.headline <= moment.last
        assert {entry.time for entry in trace[moment.first : moment.last + 1]} == {trace[moment.first].time}
        at = moment.last + 1
    assert at == len(trace)


def test_a_moment_is_quiet_if_all_of_it_is_routine(watched):
    trace = watched.recorder.trace
    for moment in moments_of(trace):
        assert moment.quiet == all(entry.routine for entry in trace[moment.first : moment.last + 1])


def test_the_headline_is_the_most_telling_event(watched):
    trace = watched.recorder.trace
    headlines = {trace[moment.headline].kind for moment in moments_of(trace)}
    assert {"HighWatermarkAdvanced", "LeaderElected", "BatchAcknowledged", "MachineCrashed"} <= headlines
    rises = [moment for moment in moments_of(trace) if trace[moment.headline].kind == "HighWatermarkAdvanced"]
    assert any(
        trace[moment.first].event.label.startswith("fetch @")
        for moment in rises
        if trace[moment.first].kind == "MessageDelivered"
    )


def test_no_trace_has_no_moments():
    assert moments_of([]) == []


def test_groups_are_known():
    assert set(GROUP_OF.values()) <= set(GROUPS) and group_of("SomethingNew") == "other"
