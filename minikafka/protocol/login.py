"""The asking side's part of authentication: who a client says it is, proved on each new connection.

Promises     a connection is used for nothing else before the server knows who asks and the client knows that it is the
             server; a wrong name or password is SASL_AUTHENTICATION_FAILED, and is not tried again by itself.
Stands for   SaslClientAuthenticator, ScramSaslClient, and the sasl.* settings of clients.
Left out     GSSAPI, PLAIN, OAUTHBEARER; re-authentication (KIP-368).
Differs      a name and a password are two settings, where Kafka has one line of JAAS (`sasl.jaas.config`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from minikafka.protocol import scram
from minikafka.protocol.errors import ConfigException, Error, KafkaError
from minikafka.protocol.message import decode_response, encode
from minikafka.protocol.security_requests import SaslAuthenticateRequest, SaslHandshakeRequest
from minikafka.protocol.security_settings import SASL_PLAINTEXT, SCRAM_SHA_256

NONCE_BYTES = 18


class Login(NamedTuple):
    """A name and a password (its fingerprint), and how they are proved."""

    username: str
    password: str
    mechanism: str

    async def prove(self, machine: Any, connection: Any, within: int) -> None:
        """Authenticate on this connection; KafkaError if the server does not accept it."""
        answer = await _ask(connection, SaslHandshakeRequest(self.mechanism), "who I am", within)
        if answer.error:
            raise KafkaError(answer.error, _remedy(answer, self.mechanism, connection.listener.name))
        nonce = scram.to_text(machine.dice("sasl").randbytes(NONCE_BYTES))
        first = f"{scram.GS2_HEADER}n={self.username},r={nonce}"
        challenge = await self._say(connection, first, "my name", within)
        given = scram.fields(challenge)
        if not given.get("r", "").startswith(nonce) or not given.get("i", "").isdigit():
            raise KafkaError(Error.ILLEGAL_SASL_STATE, f"{connection.listener.name} does not follow RFC 5802")
        password = scram.salted(self.mechanism, self.password, scram.from_text(given["s"]), int(given["i"]))
        final = f"c={scram.to_text(scram.GS2_HEADER.encode())},r={given['r']}"
        said = scram.said_by_both(first, challenge, final)
        proof = scram.to_text(scram.proof(self.mechanism, password, said))
        reply = await self._say(connection, f"{final},p={proof}", "a proof", within)
        expected = scram.server_signature(self.mechanism, scram.server_key(self.mechanism, password), said)
        if scram.from_text(scram.fields(reply).get("v", "")) != expected:
            raise KafkaError(
                Error.SASL_AUTHENTICATION_FAILED,
                f"{connection.listener.name} does not know the password of {self.username} itself: is it the server?",
            )

    async def _say(self, connection: Any, message: str, label: str, within: int) -> str:
        answer = await _ask(connection, SaslAuthenticateRequest(message.encode()), label, within)
        if answer.error:
            raise KafkaError(answer.error, answer.message or "")
        return answer.auth_bytes.decode(errors="replace")


async def _ask(connection: Any, request: Any, label: str, within: int) -> Any:
    return decode_response(type(request), await connection.ask(encode(request), label, within))


def _remedy(answer: Any, mechanism: str, server: str) -> str:
    if answer.error == Error.UNSUPPORTED_SASL_MECHANISM:
        return f"{server} does not take sasl.mechanism={mechanism}: choose one of {', '.join(answer.mechanisms)}"
    return f"{server} asks nobody for a name: leave sasl.username and sasl.password out, or give it a SASL listener"


def login_of(config: Mapping) -> Login | None:
    """What the settings of a client say about it; None: it gives no name. ConfigException if they do not go together.

    A name and a password are enough: security.protocol and sasl.mechanism then mean SASL_PLAINTEXT and SCRAM-SHA-256.
    """
    name, password = config["sasl.username"], config["sasl.password"]
    said = config.is_set("security.protocol")
    if name is None and password is None and config["security.protocol"] != SASL_PLAINTEXT:
        return None
    if said and config["security.protocol"] != SASL_PLAINTEXT:
        raise ConfigException(
            f"security.protocol={config['security.protocol']} gives no name, but sasl.username or sasl.password is "
            f"set; set security.protocol to {SASL_PLAINTEXT}, or leave them out"
        )
    for setting, value in (("sasl.username", name), ("sasl.password", password)):
        if not value:
            raise ConfigException(f"{setting} is missing: set sasl.username and sasl.password, both or neither")
    return Login(name, password, config["sasl.mechanism"] if config.is_set("sasl.mechanism") else SCRAM_SHA_256)
