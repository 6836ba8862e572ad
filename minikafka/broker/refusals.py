"""Answers to callers without a right, for each kind of request; and the few guards of a kind of their own.

Promises     an answer has the shape of the real one and nothing in it but what was asked, and the error.
Stands for   getErrorResponse of Kafka's requests.
Left out     -
Differs      -
"""

from __future__ import annotations

from typing import Any

from minikafka.broker.access_desk import Handler, allowed, each, words_for
from minikafka.metadata.access import REFUSAL, Access
from minikafka.protocol import admin_requests as admin
from minikafka.protocol import client_requests as client
from minikafka.protocol import config_requests as config
from minikafka.protocol import group_requests as group
from minikafka.protocol.access_rules import Operation, ResourceType
from minikafka.protocol.errors import Error
from minikafka.protocol.names import NO_EPOCH, NO_LEADER
from minikafka.protocol.partition_requests import GrowingTopic, GrownTopic
from minikafka.protocol.whole_refusals import refusal
from minikafka.world.network import Disconnected

# -- rows -------------------------------------------------------------------------------------------------------


def produced(row: client.ProducePartition, error: Error) -> client.ProducedPartition:
    """Nothing was written."""
    return client.ProducedPartition(row.topic, row.partition, error, -1, -1, -1, NO_LEADER, NO_EPOCH, error.meaning)


def unanswerable(request: client.ProduceRequest, refusals: list) -> None:
    """With acks=0 nobody waits for an answer: hang up, so that the producer notices."""
    if request.acks == 0:
        row = refusals[0]
        raise Disconnected(f"a batch for {row.topic} sent with acks=0 was refused with {row.error.name}")


def listed(row: client.ListOffsetsPartition, error: Error) -> client.ListedOffset:
    """No offset."""
    return client.ListedOffset(row.topic, row.partition, error, -1, -1, -1)


def epoch_end(row: client.EpochPartition, error: Error) -> client.EpochEnd:
    """No epoch."""
    return client.EpochEnd(row.topic, row.partition, error, -1, -1)


def topic_described(name: str, error: Error) -> client.MetadataTopic:
    """Whether there is such a topic is not told."""
    return client.MetadataTopic(error, name, "", [])


def topic_created(row: admin.CreatableTopic, error: Error) -> admin.CreatedTopic:
    """Not made."""
    return admin.CreatedTopic(row.name, error, f"you may not make topic {row.name}: CREATE is missing", "")


def topic_deleted(name: str, error: Error) -> admin.DeletedTopic:
    """Not deleted; whether there is such a topic is not told."""
    return admin.DeletedTopic(name, error, f"you may not delete topic {name}: DELETE is missing")


def records_deleted(row: admin.DeleteRecordsPartition, error: Error) -> admin.DeletedRecords:
    """Nothing was deleted."""
    return admin.DeletedRecords(row.topic, row.partition, error, -1)


def committed(row: Any, error: Error) -> group.CommittedPartition:
    """Nothing was remembered, or forgotten."""
    return group.CommittedPartition(row.topic, row.partition, error)


def fetched_offset(row: group.OffsetPartition, error: Error) -> group.FetchedOffset:
    """What was committed is not told."""
    return group.FetchedOffset(row.topic, row.partition, -1, -1, "", error)


def group_described(name: str, error: Error) -> group.DescribedGroup:
    """Whether there is such a group is not told."""
    return group.DescribedGroup(error, name, "", "", "", [])


def group_deleted(name: str, error: Error) -> group.DeletedGroup:
    """The group stays."""
    return group.DeletedGroup(name, error)


def config_described(row: config.DescribeConfigsResource, error: Error) -> config.DescribedResource:
    """No setting is told."""
    return config.DescribedResource(row.resource_type, row.resource_name, error, error.meaning, [])


def topic_grown(row: GrowingTopic, error: Error) -> GrownTopic:
    """It has as many partitions as before."""
    return GrownTopic(row.name, error, error.meaning)


def config_altered(row: config.AlterConfigsResource, error: Error) -> config.AlteredResource:
    """Every setting stays."""
    return config.AlteredResource(row.resource_type, row.resource_name, error, error.meaning)


# -- whole answers ----------------------------------------------------------------------------------------------


def error_alone(request: Any, error: Error) -> Any:
    """A response that is nothing but an error."""
    return request.Response(error)


def error_and_rows(request: Any, error: Error) -> Any:
    """An error for all, and no rows."""
    return request.Response(error, [])


def error_with_words(request: Any, error: Error) -> Any:
    """An error for all, its meaning, and no rows."""
    return request.Response(error, error.meaning, [])


def joined(request: group.JoinGroupRequest, error: Error) -> group.JoinGroupResponse:
    """No member."""
    return group.JoinGroupResponse(error, -1, None, None, "", False, request.member_id, [])


def synced(request: group.SyncGroupRequest, error: Error) -> group.SyncGroupResponse:
    """No assignment."""
    return group.SyncGroupResponse(error, None, None, b"")


def every_commit(request: group.OffsetCommitRequest, error: Error) -> group.OffsetCommitResponse:
    """The same for each partition."""
    return group.OffsetCommitResponse([committed(row, error) for row in request.partitions])


def all_of_it(request: Any, error: Error) -> Any:
    """The same error for everything that was asked."""
    return refusal(request, error, error.meaning)


# -- guards of a kind of their own ------------------------------------------------------------------------------


def init_producer_id(access: Access, handler: Handler) -> Handler:
    """With a transactional id WRITE on it; without one, IDEMPOTENT_WRITE on the cluster or WRITE on any topic."""

    async def handle(request: client.InitProducerIdRequest, caller: str) -> client.InitProducerIdResponse:
        words, transactional = words_for(request), request.transactional_id
        if transactional is not None:
            kind = ResourceType.TRANSACTIONAL_ID
            may = access.allows(caller, words, Operation.WRITE, kind, transactional)
        else:
            kind = ResourceType.CLUSTER
            may = access.allows_any(caller, Operation.WRITE, ResourceType.TOPIC) or access.allows(
                caller, words, Operation.IDEMPOTENT_WRITE, kind)  # fmt: skip
        if may:
            return await handler(request, caller)
        return client.InitProducerIdResponse(REFUSAL[kind], -1, -1)

    return handle


def coordinators(access: Access, handler: Handler) -> Handler:
    """DESCRIBE on each group, or on each transactional id."""

    def no_coordinator(key: str, error: Error) -> group.Coordinator:
        return group.Coordinator(key, -1, "", error, None)

    def by(kind: ResourceType) -> Handler:
        guard = each(Operation.DESCRIBE, "keys", lambda key: (kind, key), no_coordinator, answers="coordinators")
        return guard(access, handler)

    of_groups, of_transactions = by(ResourceType.GROUP), by(ResourceType.TRANSACTIONAL_ID)

    async def handle(request: group.FindCoordinatorRequest, caller: str) -> group.FindCoordinatorResponse:
        return await (of_groups if request.key_type == group.GROUP else of_transactions)(request, caller)

    return handle


def groups_listed(access: Access, handler: Handler) -> Handler:
    """DESCRIBE on the cluster shows all groups; else each that one may describe, without a word of the others."""

    async def handle(request: group.ListGroupsRequest, caller: str) -> group.ListGroupsResponse:
        response = await handler(request, caller)
        words = words_for(request)
        if access.allows(caller, words, Operation.DESCRIBE, ResourceType.CLUSTER, tell=False):
            return response
        named = [(ResourceType.GROUP, row.group_id) for row in response.groups]
        open_to = allowed(access, request, caller, Operation.DESCRIBE, named, tell=False)
        fine = [row for row, one in zip(response.groups, named, strict=True) if one in open_to]
        return response._replace(groups=fine)

    return handle
