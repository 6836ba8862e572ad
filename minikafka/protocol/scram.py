"""SCRAM: a password is proved and never shown, by either side.

Promises     what the server stores (`Credential`) is enough to check a proof and not enough to make one; a proof is
             good for one conversation alone.
Stands for   RFC 5802, ScramFormatter, ScramCredential.
Left out     channel binding, SASLprep of names and passwords.
Differs      nothing that travels.

    client                       server
    n=alice,r=NONCE          →
                             ←   r=NONCE+MORE,s=SALT,i=4096
    c=biws,r=…,p=PROOF       →
                             ←   v=SIGNATURE
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import lru_cache
from typing import NamedTuple

from minikafka.protocol.errors import Error, KafkaError

HASHES = {"SCRAM-SHA-256": "sha256", "SCRAM-SHA-512": "sha512"}
"""The mechanisms, and what each hashes with."""

LEAST_ITERATIONS, MOST_ITERATIONS = 4096, 16384
"""As Kafka's controller demands them."""

GS2_HEADER = "n,,"


class Credential(NamedTuple):
    """What a server keeps of a password."""

    salt: bytes
    stored_key: bytes
    server_key: bytes
    iterations: int


@lru_cache(maxsize=256)
def salted(mechanism: str, password: str, salt: bytes, iterations: int) -> bytes:
    """Hi(): the password, salted and hashed so many times that guessing is dear."""
    mixed = last = _hmac(mechanism, password.encode(), salt + b"\x00\x00\x00\x01")
    for _ in range(iterations - 1):
        last = _hmac(mechanism, password.encode(), last)
        mixed = _xor(mixed, last)
    return mixed


def credential(mechanism: str, salted_password: bytes, salt: bytes, iterations: int) -> Credential:
    """What the server stores of a salted password."""
    client_key = _hmac(mechanism, salted_password, b"Client Key")
    server_key = _hmac(mechanism, salted_password, b"Server Key")
    return Credential(salt, _hash(mechanism, client_key), server_key, iterations)


def proof(mechanism: str, salted_password: bytes, said: str) -> bytes:
    """What only the one who knows the password can compute from everything that was said (`said`)."""
    client_key = _hmac(mechanism, salted_password, b"Client Key")
    return _xor(client_key, _hmac(mechanism, _hash(mechanism, client_key), said.encode()))


def is_proved(mechanism: str, known: Credential, said: str, given: bytes) -> bool:
    """Whether the proof fits what is stored: it must lead back to the stored key."""
    signature = _hmac(mechanism, known.stored_key, said.encode())
    return len(given) == len(signature) and _hash(mechanism, _xor(given, signature)) == known.stored_key


def server_signature(mechanism: str, server_key: bytes, said: str) -> bytes:
    """How the server shows that it, too, knows the user."""
    return _hmac(mechanism, server_key, said.encode())


def server_key(mechanism: str, salted_password: bytes) -> bytes:
    """The key of `server_signature`, as the client computes it."""
    return _hmac(mechanism, salted_password, b"Server Key")


def fields(message: str) -> dict[str, str]:
    """{"r": …, "s": …} of a message; ILLEGAL_SASL_STATE if it is none."""
    parts = [part.partition("=") for part in message.removeprefix(GS2_HEADER).split(",")]
    if not all(name and equals for name, equals, _ in parts):
        raise KafkaError(Error.ILLEGAL_SASL_STATE, "the bytes are no message of SCRAM: follow RFC 5802")
    return {name: value for name, _, value in parts}


def said_by_both(first: str, answer: str, final: str) -> str:
    """What is signed: the first message, the answer, and the final message without its proof."""
    return f"{first.removeprefix(GS2_HEADER)},{answer},{final.partition(',p=')[0]}"


def to_text(data: bytes) -> str:
    """Bytes in a message (base64)."""
    return base64.b64encode(data).decode()


def from_text(text: str) -> bytes:
    """Bytes from a message; ILLEGAL_SASL_STATE if the text holds none."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise KafkaError(Error.ILLEGAL_SASL_STATE, "a field is not base64: follow RFC 5802") from None


def _hmac(mechanism: str, key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, HASHES[mechanism])


def _hash(mechanism: str, data: bytes) -> bytes:
    return hashlib.new(HASHES[mechanism], data).digest()


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
