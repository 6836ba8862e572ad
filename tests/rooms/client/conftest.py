"""The scripted brokers, and a producer on them."""

import pytest
from scripted import Scripted

from minikafka.client.producer import Producer


@pytest.fixture
def scripted():
    return Scripted()


@pytest.fixture
def produce():
    """A producer on a scripted cluster, with settings written with underscores."""

    def produce(scripted, **settings):
        names = {name.replace("_", "."): value for name, value in settings.items()}
        return Producer(scripted.client, scripted.bootstrap, names)

    return produce
