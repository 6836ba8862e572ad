"""Which room answers which request.

Promises     every request a broker takes is in this table, once; none comes to its room past the doorkeeper and the
             guards that `permissions` sets before it.
Stands for   the switch in KafkaApis.handle.
Left out     quotas.
Differs      requests are handled in the order of their connection, and otherwise as they come.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from minikafka.broker.access_desk import put_before
from minikafka.broker.access_queries import describe_acls, describe_users, unless_disabled
from minikafka.broker.delete_records import delete_records
from minikafka.broker.describe_configs import describe_configs
from minikafka.broker.epoch_ends import offset_for_leader_epoch
from minikafka.broker.fetch import fetch
from minikafka.broker.list_offsets import list_offsets
from minikafka.broker.metadata_answers import metadata
from minikafka.broker.permissions import PERMISSIONS
from minikafka.broker.produce import produce
from minikafka.broker.verification import commit_offsets_in_transaction
from minikafka.broker.write_markers import describe_producers, write_markers
from minikafka.protocol import admin_requests as admin
from minikafka.protocol import client_requests as client
from minikafka.protocol import config_requests as config
from minikafka.protocol import partition_requests as partition
from minikafka.protocol import placement_requests as placement
from minikafka.protocol import security_requests as security
from minikafka.protocol import transaction_requests as txn
from minikafka.protocol.group_requests import FindCoordinatorRequest

if TYPE_CHECKING:
    from minikafka.broker.broker import Broker

OWN = {
    client.ProduceRequest: produce,
    client.FetchRequest: fetch,
    client.ListOffsetsRequest: list_offsets,
    client.OffsetForLeaderEpochRequest: offset_for_leader_epoch,
    client.MetadataRequest: metadata,
    admin.DeleteRecordsRequest: delete_records,
    config.DescribeConfigsRequest: describe_configs,
    security.DescribeAclsRequest: describe_acls,
    security.DescribeUserScramCredentialsRequest: describe_users,
    txn.WriteTxnMarkersRequest: write_markers,
    txn.DescribeProducersRequest: describe_producers,
    txn.TxnOffsetCommitRequest: commit_offsets_in_transaction,
}
FORWARDED = (admin.CreateTopicsRequest, admin.DeleteTopicsRequest, admin.ElectLeadersRequest,
             config.IncrementalAlterConfigsRequest, partition.CreatePartitionsRequest,
             partition.AlterPartitionReassignmentsRequest, partition.ListPartitionReassignmentsRequest,
             placement.ApplyPlacementRequest,
             security.CreateAclsRequest, security.DeleteAclsRequest,
             security.AlterUserScramCredentialsRequest)  # fmt: skip


Handler = Callable[[Any, str], Awaitable[Any]]


def handlers_of(broker: Broker) -> dict[type, Handler]:
    """The handlers of this broker, for `protocol.server.serve`."""
    desk = {kind: _with(broker, handler) for kind, handler in OWN.items()}
    desk[client.InitProducerIdRequest] = broker.transactions.init_producer_id
    desk[FindCoordinatorRequest] = broker.offsets_topic.find_coordinator
    desk.update(broker.offsets_topic.groups.handlers())
    desk.update(broker.transactions.coordination.handlers())
    for kind in FORWARDED:
        desk[kind] = broker.forwarding.forward
    desk = {kind: watched(broker, kind, handler) for kind, handler in desk.items()}
    desk[security.SaslHandshakeRequest] = broker.doorkeeper.handshake
    desk[security.SaslAuthenticateRequest] = broker.doorkeeper.authenticate
    return desk


def watched(broker: Broker, kind: type, handler: Handler) -> Handler:
    """The handler, with the doorkeeper before it if the listener demands names, and the guards if rules are kept."""
    behind = unless_disabled(broker, kind, handler)
    if broker.access.on:
        behind = put_before(broker.access, PERMISSIONS[kind], behind)
    if not broker.doorkeeper.demands:
        return behind

    async def handle(request: Any, caller: str) -> Any:
        broker.doorkeeper.admit(request, caller)
        return await behind(request, caller)

    return handle


def _with(broker: Broker, handler: Callable) -> Callable[[Any, str], Awaitable[Any]]:
    def handle(request: Any, caller: str) -> Awaitable[Any]:
        return handler(broker, request, caller)

    return handle
