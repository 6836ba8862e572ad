"""An administrator's part in security: rules and users.

Promises     a password is salted here and does not leave the machine; each call returns once the controller has
             recorded the change (brokers hear of it a little later), or raises the `KafkaError` that says why not.
Stands for   AdminClient's createAcls, describeAcls, deleteAcls, describeUserScramCredentials,
             alterUserScramCredentials.
Left out     -
Differs      -
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from minikafka.protocol import security_requests as api
from minikafka.protocol.access_rules import EVERY_RULE, AccessRule, check_rule
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.principals import check_user_name
from minikafka.protocol.scram import HASHES, LEAST_ITERATIONS, salted
from minikafka.protocol.security_settings import SCRAM_SHA_256
from minikafka.world.secrets import fingerprint

SALT_BYTES = 18


class SecurityAdmin:
    """Mixed into `Admin`, which has `machine` and `_ask_any`."""

    async def create_acls(self, rules: Iterable[AccessRule]) -> None:
        """Let these rules hold; one that holds already is fine."""
        request = api.CreateAclsRequest([check_rule(rule) for rule in rules])
        await self._ask_any("adding access rules", request, lambda response: response.results)

    async def describe_acls(self, wanted: AccessRule = EVERY_RULE) -> list[AccessRule]:
        """The rules that a filter means, as the answering broker knows them, sorted."""
        request = api.DescribeAclsRequest(*wanted)
        [answer] = await self._ask_any("describing access rules", request, lambda response: [response])
        return sorted(AccessRule(*rule) for rule in answer.rules)

    async def delete_acls(self, wanted: AccessRule) -> list[AccessRule]:
        """Remove the rules that a filter means; returns them."""
        request = api.DeleteAclsRequest([wanted])
        [answer] = await self._ask_any("removing access rules", request, lambda response: response.results)
        return sorted(AccessRule(*rule) for rule in answer.rules)

    async def create_user(
        self, name: str, password: str, mechanism: str = SCRAM_SHA_256, iterations: int = LEAST_ITERATIONS
    ) -> None:
        """Give a user a password, or a new one."""
        check_user_name(name)
        if not isinstance(password, str) or not password:
            raise KafkaError(Error.UNACCEPTABLE_CREDENTIAL, f"user {name} has no password: write one as text")
        if mechanism not in HASHES:
            raise KafkaError(
                Error.UNSUPPORTED_SASL_MECHANISM, f"mechanism {mechanism!r} keeps no password: use {', '.join(HASHES)}"
            )
        if isinstance(iterations, bool) or not isinstance(iterations, int) or iterations < 1:
            raise KafkaError(
                Error.UNACCEPTABLE_CREDENTIAL, f"iterations={iterations!r} for {name}: use at least {LEAST_ITERATIONS}"
            )
        salt = self.machine.dice("sasl").randbytes(SALT_BYTES)
        row = api.ScramUpsertion(name, mechanism, iterations, salt,
                                 salted(mechanism, fingerprint(password), salt, iterations))  # fmt: skip
        await self._alter_users(f"giving user {name} a password", [], [row])

    async def delete_user(self, name: str, mechanism: str = SCRAM_SHA_256) -> None:
        """Take a user's password away; RESOURCE_NOT_FOUND if there is none."""
        await self._alter_users(f"removing user {name}", [api.ScramDeletion(name, mechanism)], [])

    async def _alter_users(self, what: str, deletions: list, upsertions: list) -> None:
        request = api.AlterUserScramCredentialsRequest(deletions, upsertions)
        await self._ask_any(what, request, lambda response: response.results)

    async def describe_users(self, names: Iterable[str] | None = None) -> dict[str, list[Any]]:
        """Each user's mechanisms with their iterations; RESOURCE_NOT_FOUND for one that was named and is not there."""
        request = api.DescribeUserScramCredentialsRequest(None if names is None else list(names))
        rows = await self._ask_any("describing users", request, lambda response: response.users or [response])
        return {row.name: list(row.credentials) for row in rows if hasattr(row, "name")}
