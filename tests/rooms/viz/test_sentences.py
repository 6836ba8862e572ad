"""Sentences in patterns and numbers, and numbers in text."""

import pytest

from minikafka.viz.packed import pack, steps_between, unpack
from minikafka.viz.sentences import Patterns, fill

SENTENCES = [
    "the high watermark of flights-0 rose from 3 to 4",
    "the high watermark of flights-0 rose from 40 to 41",
    "at 1.005 s",
    "007 and 0",
    "nothing",
    "",
    "123456789012345678 is long",
    "a\x1fb 5",
    "²³ and ٣",
]


def test_a_sentence_comes_back():
    patterns = Patterns()
    for sentence in SENTENCES:
        number, numbers = patterns.take(sentence)
        assert fill(patterns.all()[number], numbers) == sentence.replace("\x1f", " ")


def test_sentences_that_differ_in_numbers_share_a_pattern():
    patterns = Patterns()
    (one, _), (other, numbers) = patterns.take(SENTENCES[0]), patterns.take(SENTENCES[1])
    assert one == other and numbers == (0, 40, 41)


def test_every_sentence_of_a_trace_comes_back(watched):
    patterns = Patterns()
    for entry in watched.recorder.trace:
        number, numbers = patterns.take(entry.sentence())
        assert fill(patterns.all()[number], numbers) == entry.sentence()
    assert len(patterns.known) < len(watched.recorder.trace) / 5


@pytest.mark.parametrize("numbers", [[], [0], [-1], [63, 64, -64, -65], [127, 128, 2**31, 2**53 - 1, -(2**53) + 1]])
def test_packed_numbers_come_back(numbers):
    assert unpack(pack(numbers)) == numbers


def test_steps_are_small():
    assert list(steps_between([5, 7, 7, 4])) == [5, 2, 0, -3]
