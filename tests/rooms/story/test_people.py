"""How a line is read."""

import pytest

from minikafka.story.people import broker_number, number, plain_words, split, words
from minikafka.story.teller import StoryError


@pytest.mark.parametrize(
    ("line", "plain", "named"),
    [
        ("run 5s", ["5s"], {}),
        ("topic flights partitions=3 min.insync.replicas=2", ["flights"], {"partitions": 3, "min.insync.replicas": 2}),
        ("send p flights 'two words' key=a", ["p", "flights", "two words"], {"key": "a"}),
        ("x offset=-1", [], {"offset": -1}),
        ("x latency=35ms", [], {"latency": "35ms"}),
        ("x a=b=c", [], {"a": "b=c"}),
        ('x "a b"=c', ["a b=c"], {}),
    ],
)
def test_words(line, plain, named):
    assert words(line) == (plain, named)


def test_what_belongs_to_the_call_is_split_from_the_settings():
    assert split({"brokers": 3, "num.partitions": 1}, "brokers", "region") == ({"brokers": 3}, {"num.partitions": 1})


def test_plain_words_are_counted():
    assert plain_words("dump b1 flights-0", "broker", "partition") == ["b1", "flights-0"]
    with pytest.raises(StoryError, match="dump takes 2 words"):
        plain_words("dump b1", "broker", "partition")


def test_numbers():
    assert (number("-1", "an offset"), broker_number("b3"), broker_number("3")) == (-1, 3, 3)
    for wrong in ("three", "", "b"):
        with pytest.raises(StoryError, match="is not a number"):
            broker_number(wrong)
