"""Errors, beside those of Apache Kafka 4.3.1 (`errors.json`: code, name, whether it is a RetriableException, and an
InvalidMetadataException)."""

import json
from pathlib import Path

from minikafka.protocol.errors import Error

KAFKA = json.loads((Path(__file__).parent / "errors.json").read_text(encoding="utf-8"))


def test_every_error_has_kafkas_name_and_kind():
    ours = {str(int(error)): [error.name, error.retriable, error.refreshes_metadata] for error in Error}
    assert ours == KAFKA
