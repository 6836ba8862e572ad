"""Access rules and users: added, altered and removed.

Promises     a rule is added or removed whole; one that is there already stays as it is; nothing is changed for what
             gets an error. Of a password is recorded only what it cannot be computed from.
Stands for   AclControlManager, ScramControlManager.
Left out     delegation tokens.
Differs      checks rules as strictly as the kafka-acls tool does; Kafka's controller leaves most of that to the tool.
"""

from __future__ import annotations

from random import Random

from minikafka.controller.decision import Decision
from minikafka.metadata.facts import (
    AccessControlEntryRecord,
    RemoveAccessControlEntryRecord,
    RemoveUserScramCredentialRecord,
    UserScramCredentialRecord,
)
from minikafka.metadata.image import ClusterImage
from minikafka.protocol.access_rules import check_rule
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import random_uuid
from minikafka.protocol.principals import check_user_name
from minikafka.protocol.scram import HASHES, LEAST_ITERATIONS, MOST_ITERATIONS, credential
from minikafka.protocol.security_requests import (
    AlteredUser,
    AlterUserScramCredentialsRequest,
    AlterUserScramCredentialsResponse,
    CreateAclsRequest,
    CreateAclsResponse,
    CreatedAcl,
    DeleteAclsRequest,
    DeleteAclsResponse,
    DeletedAcls,
    ScramDeletion,
    ScramUpsertion,
)


def create_acls(image: ClusterImage, request: CreateAclsRequest, dice: Random) -> Decision:
    """Add each rule, or answer why not."""
    facts, rows = [], []
    present = dict.fromkeys(image.access_rules.values())
    for rule in request.rules:
        try:
            check_rule(rule)
        except KafkaError as refusal:
            rows.append(CreatedAcl(refusal.error, refusal.sentence))
            continue
        if rule not in present:
            present[rule] = None
            facts.append(AccessControlEntryRecord(random_uuid(dice), *rule))
        rows.append(CreatedAcl(Error.NONE, None))
    return Decision(tuple(facts), CreateAclsResponse(rows), "CreateAcls")


def delete_acls(image: ClusterImage, request: DeleteAclsRequest) -> Decision:
    """Remove what each filter means. A rule that two filters mean is named by both, and removed once."""
    gone, rows = {}, []
    for wanted in request.filters:
        found = {rule_id: rule for rule_id, rule in image.access_rules.items() if rule.found_by(wanted)}
        gone.update(found)
        rows.append(DeletedAcls(Error.NONE, None, list(found.values())))
    return Decision(tuple(map(RemoveAccessControlEntryRecord, gone)), DeleteAclsResponse(rows), "DeleteAcls")


def alter_users(image: ClusterImage, request: AlterUserScramCredentialsRequest) -> Decision:
    """Give each user a (new) password, or take it away, or answer why not."""
    names = [row.name for row in (*request.deletions, *request.upsertions)]
    facts, rows = [], {}
    for row in (*request.deletions, *request.upsertions):
        try:
            if names.count(row.name) > 1:
                raise KafkaError(Error.DUPLICATE_RESOURCE, f"user {row.name} is named twice; name him once at a time")
            facts.append(removed(image, row) if isinstance(row, ScramDeletion) else changed(row))
            rows[row.name] = AlteredUser(row.name, Error.NONE, None)
        except KafkaError as refusal:
            rows[row.name] = AlteredUser(row.name, refusal.error, refusal.sentence)
    return Decision(tuple(facts), AlterUserScramCredentialsResponse(list(rows.values())), "AlterUserScramCredentials")


def removed(image: ClusterImage, row: ScramDeletion) -> RemoveUserScramCredentialRecord:
    """The fact that takes a password away; UNSUPPORTED_SASL_MECHANISM, or RESOURCE_NOT_FOUND if there is none."""
    require_mechanism(row.mechanism)
    if (row.name, row.mechanism) not in image.credentials:
        known = ", ".join(f"{name} ({mechanism})" for name, mechanism in image.credentials) or "none"
        raise KafkaError(
            Error.RESOURCE_NOT_FOUND, f"user {row.name!r} has no password for {row.mechanism}: there are {known}"
        )
    return RemoveUserScramCredentialRecord(row.name, row.mechanism)


def require_mechanism(mechanism: str) -> None:
    """UNSUPPORTED_SASL_MECHANISM unless passwords are kept for it."""
    if mechanism not in HASHES:
        raise KafkaError(
            Error.UNSUPPORTED_SASL_MECHANISM, f"mechanism {mechanism!r} keeps no password: use {', '.join(HASHES)}"
        )


def changed(row: ScramUpsertion) -> UserScramCredentialRecord:
    """The fact that gives a password; UNSUPPORTED_SASL_MECHANISM or UNACCEPTABLE_CREDENTIAL."""
    check_user_name(row.name)
    require_mechanism(row.mechanism)
    if not isinstance(row.iterations, int) or not LEAST_ITERATIONS <= row.iterations <= MOST_ITERATIONS:
        raise KafkaError(
            Error.UNACCEPTABLE_CREDENTIAL,
            f"{row.iterations} iterations for user {row.name}: use from {LEAST_ITERATIONS} to {MOST_ITERATIONS}",
        )
    if not row.salt or not row.salted_password:
        raise KafkaError(Error.UNACCEPTABLE_CREDENTIAL, f"salt or password of user {row.name} is empty: send both")
    kept = credential(row.mechanism, row.salted_password, row.salt, row.iterations)
    return UserScramCredentialRecord(row.name, row.mechanism, *kept)
