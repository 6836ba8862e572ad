"""The settings of an admin client.

Promises     names, types and defaults are those of Kafka 4.3.
Stands for   org.apache.kafka.clients.admin.AdminClientConfig.
Left out     bootstrap.controllers: an admin client talks to brokers only.
Differs      nothing.
"""

from __future__ import annotations

from minikafka.protocol.client_settings import API_TIMEOUT, COMMON
from minikafka.protocol.settings import Table

ADMIN = Table("admin client", [*COMMON, API_TIMEOUT])
"""Every setting an admin client can have."""
