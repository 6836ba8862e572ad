"""Worlds that several tests look at, and none may change."""

import pytest
from watched import crew, cut_off_leader, died_leader, three_controllers, three_regions


@pytest.fixture(scope="session")
def watched():
    return died_leader()


@pytest.fixture(scope="session")
def truncated():
    return cut_off_leader()


@pytest.fixture(scope="session")
def stretched():
    return three_regions()


@pytest.fixture(scope="session")
def shared():
    return crew()


@pytest.fixture(scope="session")
def quorum():
    return three_controllers()
