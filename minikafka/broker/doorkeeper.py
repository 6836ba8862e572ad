"""The doorkeeper: at a listener that demands a name, every connection proves one first.

Promises     until a connection is authenticated it is answered nothing but SaslHandshake and SaslAuthenticate; an
             unknown user and a wrong password get the same words; the name, once proved, stays to the end of the
             connection.
Stands for   SaslServerAuthenticator, ScramSaslServer.
Left out     ApiVersions before authentication, re-authentication (KIP-368): a user whose password is taken away stays
             connected.
Differs      -

    state        on                          becomes
    stranger     handshake                   introduced
    introduced   name                        challenged
    challenged   proof                       known
    stranger     refusal                     refused
    introduced   refusal                     refused
    challenged   refusal                     refused
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minikafka.events.security import Authenticated, AuthenticationFailed
from minikafka.metadata.access import Access
from minikafka.protocol import scram
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.principals import user
from minikafka.protocol.security_requests import (
    SaslAuthenticateRequest,
    SaslAuthenticateResponse,
    SaslHandshakeRequest,
    SaslHandshakeResponse,
)
from minikafka.protocol.security_settings import SASL_PLAINTEXT, TAKEN
from minikafka.world.network import Disconnected

MOVES = {
    ("stranger", "handshake"): "introduced",
    ("introduced", "name"): "challenged",
    ("challenged", "proof"): "known",
    ("stranger", "refusal"): "refused",
    ("introduced", "refusal"): "refused",
    ("challenged", "refusal"): "refused",
}

NONCE_BYTES = 18


class Talk:
    """How far the conversation on one connection has come."""

    def __init__(self) -> None:
        self.state = "stranger"
        self.mechanism = ""
        self.user = ""
        self.first = self.challenge = ""

    def require(self, on: str) -> None:
        """ILLEGAL_SASL_STATE if this does not come now."""
        if (self.state, on) not in MOVES:
            raise KafkaError(Error.ILLEGAL_SASL_STATE, f"a {on} came from one who is {self.state}: begin anew")

    def move(self, on: str) -> None:
        """Go on to the next state."""
        self.require(on)
        self.state = MOVES[self.state, on]


class Doorkeeper:
    """For one broker. `demands` says whether its listener asks for a name."""

    def __init__(self, machine: Any, config: Mapping, access: Access):
        self.machine = machine
        self.access = access
        self.demands = config["listeners"].startswith(SASL_PLAINTEXT)
        self.mechanisms = [one for one in TAKEN if one in config["sasl.enabled.mechanisms"]]
        self.delay = config.us("connection.failed.authentication.delay.ms")

    def admit(self, request: Any, caller: str) -> None:
        """Let a request pass; `Disconnected` for one that comes before authentication."""
        if not self.demands or self.access.known(caller) is not None:
            return
        words = type(request).__name__.removesuffix("Request")
        why = f"{words} came before authentication: set sasl.username and sasl.password"
        self.machine.record(AuthenticationFailed("", str(caller), Error.ILLEGAL_SASL_STATE.name, why))
        raise Disconnected(why)

    async def handshake(self, request: SaslHandshakeRequest, caller: Any) -> SaslHandshakeResponse:
        """Begin: the client names the mechanism."""
        if not self.demands:
            return SaslHandshakeResponse(Error.ILLEGAL_SASL_STATE, [])
        talk = caller.talk = caller.talk or Talk()
        try:
            talk.require("handshake")
            if request.mechanism not in self.mechanisms:
                raise KafkaError(Error.UNSUPPORTED_SASL_MECHANISM, f"{request.mechanism} is not taken here")
        except KafkaError as refusal:
            await self._refuse(talk, caller, refusal)
            return SaslHandshakeResponse(refusal.error, list(self.mechanisms))
        talk.mechanism = request.mechanism
        talk.move("handshake")
        return SaslHandshakeResponse(Error.NONE, list(self.mechanisms))

    async def authenticate(self, request: SaslAuthenticateRequest, caller: Any) -> SaslAuthenticateResponse:
        """Go on: the client's name first, then its proof."""
        talk = caller.talk = caller.talk or Talk()
        try:
            said = _text(request.auth_bytes)
            answer = self._challenge(talk, said) if talk.state == "introduced" else self._check(talk, caller, said)
        except KafkaError as refusal:
            await self._refuse(talk, caller, refusal)
            return SaslAuthenticateResponse(refusal.error, refusal.sentence, b"")
        return SaslAuthenticateResponse(Error.NONE, None, answer.encode())

    def _challenge(self, talk: Talk, said: str) -> str:
        """A name was given: ask for a proof that cannot have been made before."""
        given = scram.fields(said)
        talk.user, talk.first = given.get("n", ""), said
        known = self._credential(talk)
        nonce = given.get("r", "") + scram.to_text(self.machine.dice("sasl").randbytes(NONCE_BYTES))
        talk.challenge = f"r={nonce},s={scram.to_text(known.salt)},i={known.iterations}"
        talk.move("name")
        return talk.challenge

    def _check(self, talk: Talk, caller: Any, said: str) -> str:
        """A proof was given: the caller is known from now on, or SASL_AUTHENTICATION_FAILED."""
        talk.require("proof")
        known, given = self._credential(talk), scram.fields(said)
        signed = scram.said_by_both(talk.first, talk.challenge, said)
        proof = scram.from_text(given.get("p", ""))
        answers = given.get("r") == scram.fields(talk.challenge)["r"]
        if not answers or not scram.is_proved(talk.mechanism, known, signed, proof):
            raise _wrong(talk)
        talk.move("proof")
        caller.known_as = user(talk.user)
        self.machine.record(Authenticated(caller.known_as, str(caller), talk.mechanism))
        return f"v={scram.to_text(scram.server_signature(talk.mechanism, known.server_key, signed))}"

    def _credential(self, talk: Talk) -> scram.Credential:
        """What is kept of the user's password, as this broker knows it now."""
        known = self.access.image().credentials.get((talk.user, talk.mechanism))
        if known is None:
            raise _wrong(talk)
        return known

    async def _refuse(self, talk: Talk, caller: Any, refusal: KafkaError) -> None:
        """Note it, and keep the answer back for connection.failed.authentication.delay.ms."""
        if (talk.state, "refusal") in MOVES:
            talk.move("refusal")
        self.machine.record(AuthenticationFailed(talk.user, str(caller), refusal.error.name, refusal.sentence))
        await self.machine.sleep(self.delay)


def _wrong(talk: Talk) -> KafkaError:
    """The same for an unknown name as for a wrong password: nobody learns which names there are."""
    return KafkaError(
        Error.SASL_AUTHENTICATION_FAILED,
        f"user {talk.user!r} is not known here, or the password is wrong ({talk.mechanism}): check both",
    )


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise KafkaError(Error.ILLEGAL_SASL_STATE, "the bytes are no message of SCRAM: follow RFC 5802") from None
