"""Which settings of a producer go together.

Promises     a producer that cannot keep what its settings promise is refused; idempotence is switched off in silence
             only where nobody asked for it by name.
Stands for   ProducerConfig.postProcessAndValidateIdempotenceConfigs and KafkaProducer.configureDeliveryTimeout.
Left out     -
Differs      -
"""

from __future__ import annotations

from collections.abc import Mapping

from minikafka.protocol.errors import ConfigException
from minikafka.protocol.producer_settings import PRODUCER
from minikafka.protocol.settings import INT_MAX, Config

MOST_IN_FLIGHT = 5
"""A leader remembers the last five batches of a producer, so it can order no more than these."""


def producer_config(overrides: Mapping | None) -> Config:
    """All settings of a producer, checked together; ConfigException if two of them contradict each other."""
    config = Config(PRODUCER, overrides)
    checked = _with_idempotence(config)
    _check_transactions(config, checked)
    return _with_delivery_timeout(checked)


def _check_transactions(config: Config, checked: Config) -> None:
    """A transaction needs idempotence: `config` is as it was given, `checked` as it came out."""
    name = config["transactional.id"]
    if name is None or (name and checked["enable.idempotence"]):
        return
    if not name:
        raise ConfigException("transactional.id='' is not possible: leave it out, or write a name")
    if config.is_set("enable.idempotence"):
        raise ConfigException(
            f"transactional.id={name} cannot be combined with enable.idempotence=False: leave the latter out"
        )
    conflict = "retries=0" if config["retries"] == 0 else f"acks={config['acks']}"
    raise ConfigException(
        f"transactional.id={name} cannot be combined with {conflict}: a transaction needs enable.idempotence, and "
        "that needs acks=all and retries"
    )


def _with_idempotence(config: Config) -> Config:
    if not config["enable.idempotence"]:
        return config
    asked_for = config.is_set("enable.idempotence")
    without = ", or set enable.idempotence=False"
    conflict = None
    if config["retries"] == 0:
        conflict = "retries=0 cannot be combined with enable.idempotence=True: set retries to 1 or more" + without
    elif config["acks"] != "all":
        conflict = f"acks={config['acks']} cannot be combined with enable.idempotence=True: set acks=all" + without
    if conflict and asked_for:
        raise ConfigException(conflict)
    in_flight = config["max.in.flight.requests.per.connection"]
    if in_flight > MOST_IN_FLIGHT:
        raise ConfigException(
            f"max.in.flight.requests.per.connection={in_flight} is too much for an idempotent producer: "
            f"set it to at most {MOST_IN_FLIGHT}" + without
        )
    return config.with_({"enable.idempotence": False}) if conflict else config


def _with_delivery_timeout(config: Config) -> Config:
    needed = min(config["linger.ms"] + config["request.timeout.ms"], INT_MAX)
    given = config["delivery.timeout.ms"]
    if given >= needed:
        return config
    if config.is_set("delivery.timeout.ms"):
        raise ConfigException(
            f"delivery.timeout.ms={given} is less than linger.ms={config['linger.ms']} plus "
            f"request.timeout.ms={config['request.timeout.ms']}: set it to at least {needed}"
        )
    return config.with_({"delivery.timeout.ms": needed})
