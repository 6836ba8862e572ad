"""What must not be told: a password is known by its fingerprint alone.

Promises     the same password has the same fingerprint in every run, a fingerprint is its own; nobody can read the
             password from it. What is called `password` (an argument, or a key that ends so) passes the front door as
             its fingerprint, so that neither journal nor trace nor process ever holds what was typed.
Stands for   the type PASSWORD of Kafka's settings, which is shown as [hidden] wherever it is printed.
Left out     secrets under other names.
Differs      here the fingerprint is the password of this world: a journal has to be able to log in again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

SHOWN = re.compile("sha256:[0-9a-f]{64}")


def fingerprint(password: str) -> str:
    """What stands for a password everywhere inside; no password stays none."""
    if not password or SHOWN.fullmatch(password):
        return password
    return f"sha256:{hashlib.sha256(b'minikafka password:' + password.encode()).hexdigest()}"


def is_secret(name: object) -> bool:
    """Whether what has this name must not be told: `password`, `sasl.password`."""
    return isinstance(name, str) and (name == "password" or name.endswith(".password"))


def hushed(value: Any, name: object = None) -> Any:
    """The value with every password in it replaced by its fingerprint; what holds none is handed back as it is."""
    if is_secret(name) and isinstance(value, str):
        return fingerprint(value)
    if isinstance(value, Mapping) and any(is_secret(key) or isinstance(inner, Mapping) for key, inner in value.items()):
        return {key: hushed(inner, key) for key, inner in value.items()}
    return value
