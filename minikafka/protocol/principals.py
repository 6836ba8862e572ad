"""Who somebody is, as rules and refusals say it: "User:alice".

Promises     what `check_principal` lets pass is a type and a name; everything else is refused with a sentence.
Stands for   KafkaPrincipal, SecurityUtils.parseKafkaPrincipal.
Left out     principals of other types than User: those need a principal builder of one's own (groups, for instance).
Differs      Kafka takes any type and any name into a rule, also such as nobody ever has.
"""

from __future__ import annotations

from minikafka.protocol.errors import ConfigException, Error, KafkaError

USER = "User"
ANONYMOUS = "User:ANONYMOUS"
"""Whoever came through a listener that asks for no name."""

EVERYBODY = "User:*"
"""In a rule: any principal."""


def user(name: str) -> str:
    """The principal of a user who has given name and password."""
    return f"{USER}:{name}"


def holder_of(machine: str) -> str:
    """The principal of a machine that is known by its certificate (stands for mutual TLS)."""
    return f"{USER}:CN={machine}"


def check_user_name(name: object) -> str:
    """The name, else UNACCEPTABLE_CREDENTIAL."""
    if isinstance(name, str) and name and not any(sign in name for sign in "=,*:;") and name == name.strip():
        return name
    raise KafkaError(
        Error.UNACCEPTABLE_CREDENTIAL,
        f"user name {name!r} is not possible: write one such as alice, without = , * : ; and spaces around it",
    )


def check_principal(text: object) -> str:
    """The principal as a rule names it ("User:alice", or "User:*" for everybody), else INVALID_REQUEST."""
    kind, colon, name = text.partition(":") if isinstance(text, str) else ("", "", "")
    if not colon or not kind or not name:
        why = "write type and name, such as User:alice, or User:* for everybody"
    elif kind != USER:
        why = f"there are no principals of the type {kind} here, only {USER}: write {USER}:{name}"
    elif "*" in name and name != "*":
        why = "a * stands alone (User:* is everybody): name each user in a rule of its own"
    else:
        return text
    raise KafkaError(Error.INVALID_REQUEST, f"principal {text!r} is not possible: {why}")


def parse_super_users(text: str) -> tuple[str, ...]:
    """The principals of `super.users`, which are separated by semicolons; ConfigException if one is malformed."""
    found = tuple(word.strip() for word in text.split(";") if word.strip())
    for principal in found:
        try:
            check_principal(principal)
        except KafkaError as refusal:
            raise ConfigException(f"super.users={text!r}: {refusal.sentence}") from None
        if principal == EVERYBODY:
            raise ConfigException(f"super.users={text!r}: a super user is named, * is nobody's name; leave it out")
    return found
