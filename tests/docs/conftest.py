"""The cluster to try sentences of the documentation on."""

import pytest
from scene import Scene


@pytest.fixture
def scene():
    """`scene(brokers=3, replica__lag__time__max__ms=4000)`: a world with a cluster."""
    return Scene
