"""The settings that producers, consumers and admin clients share.

Promises     names, types and defaults are those of Kafka 4.3.
Stands for   org.apache.kafka.clients.CommonClientConfigs.
Left out     metrics, sockets, reconnect.backoff.ms (a client rests for retry.backoff.ms instead).
Differs      the bootstrap addresses and the client's name are arguments, not settings.
"""

from __future__ import annotations

from minikafka.protocol.security_settings import CLIENT_SECURITY
from minikafka.protocol.settings import INT, LONG, Setting

COMMON = [
    Setting("request.timeout.ms", INT, 30_000,
            "A client waits so long for the answer to one request.", "bootstrap", 0),
    Setting("retry.backoff.ms", LONG, 100,
            "A client rests so long before the first retry; the rest doubles with each one.", "bootstrap", 0),
    Setting("retry.backoff.max.ms", LONG, 1000,
            "The longest rest between two retries.", "bootstrap", 0),
    Setting("metadata.max.age.ms", LONG, 300_000,
            "A client asks again who leads what after so long, even if all is well.", "bootstrap", 0),
    *CLIENT_SECURITY,
]
"""In every client's table."""

API_TIMEOUT = Setting("default.api.timeout.ms", INT, 60_000,
                      "A call that names no time of its own gives up after so long.", "bootstrap", 0)
"""In the tables of consumers and admin clients."""
