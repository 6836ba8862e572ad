"""A learner's function in the place of ours, the code that is shown, and what is said of it."""

import pytest

from minikafka.broker import high_watermark, isr_rules, partition
from minikafka.broker.replica import Replica
from minikafka.classroom.source import counterpart, show
from minikafka.classroom.swap import Stumbled, SwapError, fits, guarded, stumbled, swap
from minikafka.classroom.verdict import Counterexample, sweep
from minikafka.log import partition_log, recovery


def test_a_function_is_swapped_wherever_it_is_known():
    ours = recovery.load_log

    def mine(disk, folder, config, now_ms, partition, recovery_point, clean, log_start, record):
        return None

    with swap(ours, mine):
        assert recovery.load_log is mine and partition_log.load_log is mine
    assert recovery.load_log is ours and partition_log.load_log is ours


def test_a_method_is_swapped_and_comes_back_after_an_error():
    ours = Replica.is_caught_up

    def mine(self, leader_end, now, longest_lag):
        return True

    with pytest.raises(ZeroDivisionError), swap(Replica.is_caught_up, mine):
        assert Replica(1).is_caught_up(7, 0, 0)
        raise ZeroDivisionError
    assert Replica.is_caught_up is ours


@pytest.mark.parametrize(
    ("ours", "theirs", "why"),
    [
        (high_watermark.may_advance, 7, "7 is not a function: write `def`"),
        (high_watermark.may_advance, lambda isr: True, "takes 1 argument, and will be called with 2 arguments"),
        (print, print, "not a function of minikafka"),
        (lambda one: one, lambda one: one, "not a function of minikafka"),
    ],
)
def test_what_cannot_be_swapped_is_refused_with_a_sentence(ours, theirs, why):
    with pytest.raises(SwapError, match=why), swap(ours, theirs):
        pass


def test_fits_counts_arguments():
    fits(lambda book: 0, "book")
    with pytest.raises(SwapError, match="takes 0 arguments, and will be called with 1 argument: book"):
        fits(lambda: 0, "book")


def test_a_slip_becomes_a_sentence():
    def mine(number):
        return 10 // number

    call = guarded(mine, lambda answer: "too large" if answer > 5 else None, lambda number: f"number={number}")
    assert call(5) == 2
    with pytest.raises(Stumbled, match="mine raised ZeroDivisionError: .*\n  when it was called with number=0"):
        call(0)
    with pytest.raises(Stumbled, match="mine answered 10: too large"):
        call(1)


def test_a_slip_is_found_behind_other_errors():
    slip = Stumbled("it raised")
    wrapped = RuntimeError("the world stopped")
    wrapped.__cause__ = slip
    assert stumbled(wrapped) is slip and stumbled(RuntimeError()) is None


def test_a_sweep_stops_at_the_first_counterexample():
    seen = []

    def trial(seed, function):
        seen.append(seed)
        return Counterexample("it broke", ["first", "then"], "b1 |x|", "at the end") if seed == 2 else None

    verdict = sweep(lambda it: it, ("it",), [("a storm", trial)], range(9), "Well done.")
    assert seen == [0, 1, 2] and not verdict.passed
    assert str(verdict).splitlines() == [
        "Not yet. A counter-example: a storm (seed 2).", "it broke", "", "What happened:", "first", "then", "",
        "The replicas at the end:", "b1 |x|",
    ]  # fmt: skip


def test_a_sweep_that_holds_says_how_much_it_has_seen():
    verdict = sweep(lambda it: it, ("it",), [("a", lambda *_: None), ("b", lambda *_: None)], range(3), "Well done.")
    assert verdict.passed and str(verdict) == "It holds: 6 worlds, no law broken, nothing lost. Well done."


def test_an_error_of_our_own_is_not_hidden():
    def trial(seed, function):
        raise KeyError("ours")

    with pytest.raises(KeyError):
        sweep(lambda it: it, ("it",), [("a", trial)], [0], "")


def test_shown_code_is_the_packages_own_with_kafkas_name():
    shown = show(high_watermark.may_advance)
    assert "def may_advance(isr: tuple, min_isr: int) -> bool:" in repr(shown)
    markdown = shown._repr_markdown_()
    assert markdown.startswith("**`may_advance`** in `minikafka/broker/high_watermark.py` · in Kafka: ")
    assert "```python\ndef may_advance" in markdown and '"""' in markdown


def test_shown_code_may_do_without_docstrings():
    code = repr(show(isr_rules.holds_all_that_counts, docstrings=False))
    assert '"""' not in code and "return" in code


def test_several_pieces_are_shown_in_order():
    markdown = show(isr_rules.may_join, isr_rules.lagging)._repr_markdown_()
    assert markdown.index("def may_join") < markdown.index("def lagging")


def test_a_learners_own_function_can_be_shown():
    def mine():
        return 1

    assert "written here" in show(mine)._repr_markdown_()


def test_the_counterpart_is_read_from_the_docstring():
    assert counterpart(partition) == "kafka.cluster.Partition"
