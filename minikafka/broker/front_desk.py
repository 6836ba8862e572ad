"""Which room answers which request.

Promises     every request a broker takes is in this table, once.
Stands for   the switch in KafkaApis.handle.
Left out     authorization, quotas.
Differs      requests are handled in the order of their connection, and otherwise as they come.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from minikafka.broker.delete_records import delete_records
from minikafka.broker.describe_configs import describe_configs
from minikafka.broker.epoch_ends import offset_for_leader_epoch
from minikafka.broker.fetch import fetch
from minikafka.broker.list_offsets import list_offsets
from minikafka.broker.metadata_answers import metadata
from minikafka.broker.produce import produce
from minikafka.broker.verification import commit_offsets_in_transaction
from minikafka.broker.write_markers import describe_producers, write_markers
from minikafka.protocol import admin_requests as admin
from minikafka.protocol import client_requests as client
from minikafka.protocol import config_requests as config
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
    txn.WriteTxnMarkersRequest: write_markers,
    txn.DescribeProducersRequest: describe_producers,
    txn.TxnOffsetCommitRequest: commit_offsets_in_transaction,
}
FORWARDED = (admin.CreateTopicsRequest, admin.DeleteTopicsRequest, admin.ElectLeadersRequest,
             config.IncrementalAlterConfigsRequest)  # fmt: skip


def handlers_of(broker: Broker) -> dict[type, Callable[[Any, str], Awaitable[Any]]]:
    """The handlers of this broker, for `protocol.server.serve`."""
    desk = {kind: _with(broker, handler) for kind, handler in OWN.items()}
    desk[client.InitProducerIdRequest] = broker.transactions.init_producer_id
    desk[FindCoordinatorRequest] = broker.offsets_topic.find_coordinator
    desk.update(broker.offsets_topic.groups.handlers())
    desk.update(broker.transactions.coordination.handlers())
    for kind in FORWARDED:
        desk[kind] = broker.forwarding.forward
    return desk


def _with(broker: Broker, handler: Callable) -> Callable[[Any, str], Awaitable[Any]]:
    def handle(request: Any, caller: str) -> Awaitable[Any]:
        return handler(broker, request, caller)

    return handle
