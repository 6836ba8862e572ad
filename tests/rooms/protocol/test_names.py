"""Names: what Kafka would take, and the folder name of a partition."""

import pytest

from minikafka.protocol.errors import Error, InvalidTopicException
from minikafka.protocol.names import TopicPartition, check_topic_name


def test_a_partition_is_named_like_its_folder():
    assert str(TopicPartition("flights", 3)) == "flights-3"
    assert TopicPartition("flights", 3) == ("flights", 3)


@pytest.mark.parametrize("name", ["flights", "a.b_c-D9", "_", "...", "x" * 249])
def test_names_kafka_takes(name):
    check_topic_name(name)


@pytest.mark.parametrize("name, reason, remedy", [
    ("", "empty", "at least one character"),
    (".", "another meaning", "choose another"),
    ("..", "another meaning", "choose another"),
    ("x" * 250, "250 characters", "at most 249"),
    ("new flights", "contains ' '", "only ASCII letters"),
    ("flights/east", "contains '/'", "only ASCII letters"),
    ("flüge", "contains 'ü'", "only ASCII letters"),
    ("flights\n", r"contains '\\n'", "only ASCII letters"),
    (7, "not 7", "in quotes"),
    (None, "not None", "in quotes"),
])
def test_names_kafka_refuses(name, reason, remedy):
    with pytest.raises(InvalidTopicException, match=reason) as refusal:
        check_topic_name(name)
    assert refusal.value.error is Error.INVALID_TOPIC_EXCEPTION
    assert remedy in str(refusal.value)
