"""The settings of security: what a listener demands, how a client names itself, who decides what is allowed.

Promises     names, types and defaults are those of Kafka 4.3, but for sasl.username and sasl.password.
Stands for   SecurityConfig, SaslConfigs, BrokerSecurityConfigs, StandardAuthorizer's own settings.
Left out     TLS, PLAIN, GSSAPI and OAUTHBEARER, re-authentication, several listeners.
Differs      a broker has one listener for clients, and brokers and controllers are known by their certificates, as by
             mutual TLS on a listener of their own. sasl.username and sasl.password stand for Kafka's sasl.jaas.config
             (so librdkafka calls them).
"""

from __future__ import annotations

from minikafka.protocol.errors import KafkaError
from minikafka.protocol.principals import parse_super_users
from minikafka.protocol.settings import BOOLEAN, CHOICE, INT, LIST, PASSWORD, STRING, Config, Setting

PLAINTEXT, SASL_PLAINTEXT = "PLAINTEXT", "SASL_PLAINTEXT"
SCRAM_SHA_256 = "SCRAM-SHA-256"
MECHANISMS = ("GSSAPI", "PLAIN", SCRAM_SHA_256, "SCRAM-SHA-512")
TAKEN = MECHANISMS[2:]
"""The mechanisms that a broker here can check."""

STANDARD_AUTHORIZER = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"

CLIENT_SECURITY = [
    Setting("security.protocol", CHOICE, PLAINTEXT,
            "Whether a client names itself on a new connection.", "login", choices=(PLAINTEXT, SASL_PLAINTEXT)),
    Setting("sasl.mechanism", CHOICE, "GSSAPI",
            "How a client proves its name.", "login", choices=MECHANISMS),
    Setting("sasl.username", STRING, None,
            "The name that a client gives; with it security.protocol is SASL_PLAINTEXT by itself.", "login"),
    Setting("sasl.password", PASSWORD, None,
            "The password of that name.", "login"),
]
"""In every client's table."""

BROKER_SECURITY = [
    Setting("listeners", CHOICE, "PLAINTEXT://:9092",
            "Whether the broker demands of clients that they authenticate.", "doorkeeper",
            choices={"PLAINTEXT://:9092": "PLAINTEXT://:9092", "SASL_PLAINTEXT://:9092": "SASL_PLAINTEXT://:9092",
                     PLAINTEXT: "PLAINTEXT://:9092", SASL_PLAINTEXT: "SASL_PLAINTEXT://:9092"}),
    Setting("sasl.enabled.mechanisms", LIST, ("GSSAPI",),
            "How clients may prove who they are.", "doorkeeper", choices=MECHANISMS),
    Setting("connection.failed.authentication.delay.ms", INT, 100,
            "A refusal to authenticate is held back for so long.", "doorkeeper", 0),
    Setting("authorizer.class.name", CHOICE, "",
            "Who decides what is allowed; empty: everything is.", "access",
            choices={"": "", "StandardAuthorizer": STANDARD_AUTHORIZER, STANDARD_AUTHORIZER: STANDARD_AUTHORIZER}),
    Setting("super.users", STRING, "",
            "Principals who may do everything, separated by semicolons.", "access"),
    Setting("allow.everyone.if.no.acl.found", BOOLEAN, False,
            "What no rule speaks of at all is allowed to everybody.", "access"),
]
"""In the broker's table."""


def mechanisms_can_be_checked(config: Config) -> str | None:
    """A listener that demands a name needs a way to prove it."""
    demands = config["listeners"].startswith(SASL_PLAINTEXT)
    if not demands or any(one in TAKEN for one in config["sasl.enabled.mechanisms"]):
        return None
    given = ",".join(config["sasl.enabled.mechanisms"])
    return f"sasl.enabled.mechanisms={given} cannot be checked here; set it to one or more of {', '.join(TAKEN)}"


def super_users_are_principals(config: Config) -> str | None:
    """Every super user has a type and a name."""
    try:
        parse_super_users(config["super.users"])
    except KafkaError as refusal:
        return refusal.sentence
    return None
