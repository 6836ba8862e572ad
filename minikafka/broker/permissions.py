"""What each request needs: the table that the front desk goes by.

Promises     every request that a broker takes has a row; who lacks the right hears the right error for each thing he
             named, and the rest of his request is answered as if he had named nothing else.
Stands for   the authorization in KafkaApis, request by request.
Left out     delegation tokens, quotas.
Differs      a request is checked by the broker also where Kafka leaves it to the controller. What a fetch reads is
             checked where it is read (`fetch`), and again at each later look of a parked one: Kafka looks once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minikafka.broker import refusals as no
from minikafka.broker.access_desk import Guard, cluster_wide, each, narrowed, whole
from minikafka.protocol import admin_requests as admin
from minikafka.protocol import client_requests as client
from minikafka.protocol import group_requests as group
from minikafka.protocol import security_requests as security
from minikafka.protocol.access_rules import CLUSTER_NAME, Operation, ResourceType

READ, WRITE, CREATE, DELETE = Operation.READ, Operation.WRITE, Operation.CREATE, Operation.DELETE
ALTER, DESCRIBE, IDEMPOTENT_WRITE = Operation.ALTER, Operation.DESCRIBE, Operation.IDEMPOTENT_WRITE
TOPIC, GROUP, CLUSTER = ResourceType.TOPIC, ResourceType.GROUP, ResourceType.CLUSTER


def topic(row: Any) -> str:
    """The topic that a row is about."""
    return row.topic


def name(row: Any) -> str:
    """The name in a row."""
    return row.name


def itself(row: str) -> str:
    """A row that is nothing but a name."""
    return row


def group_id(request: Any) -> str:
    """The group that a request is about."""
    return request.group_id


def the_cluster(request: Any) -> str:
    """The one cluster."""
    return CLUSTER_NAME


def member(answer: Callable) -> tuple[Guard, ...]:
    """What a member of a group needs."""
    return (whole(READ, GROUP, group_id, answer),)


PERMISSIONS: dict[type, tuple[Guard, ...]] = {
    client.ProduceRequest: (each(WRITE, TOPIC, "partitions", topic, no.produced, settle=no.unanswerable),),
    client.FetchRequest: (),
    client.ListOffsetsRequest: (each(DESCRIBE, TOPIC, "partitions", topic, no.listed),),
    client.OffsetForLeaderEpochRequest: (cluster_wide(
        Operation.CLUSTER_ACTION, each(DESCRIBE, TOPIC, "partitions", topic, no.epoch_end)),),
    client.MetadataRequest: (narrowed("topics", "topics", DESCRIBE, TOPIC, itself, topic, no.topic_described),),
    client.InitProducerIdRequest: (no.init_producer_id,),
    admin.CreateTopicsRequest: (cluster_wide(CREATE, each(CREATE, TOPIC, "topics", name, no.topic_created)),),
    admin.DeleteTopicsRequest: (each(DELETE, TOPIC, "topics", itself, no.topic_deleted),),
    admin.DeleteRecordsRequest: (each(DELETE, TOPIC, "partitions", topic, no.records_deleted),),
    admin.ElectLeadersRequest: (whole(ALTER, CLUSTER, the_cluster, no.elected),),
    group.FindCoordinatorRequest: (no.coordinators,),
    group.JoinGroupRequest: member(no.joined),
    group.SyncGroupRequest: member(no.synced),
    group.HeartbeatRequest: member(no.error_alone),
    group.LeaveGroupRequest: member(no.error_and_rows),
    group.OffsetCommitRequest: (
        whole(READ, GROUP, group_id, no.every_commit), each(READ, TOPIC, "partitions", topic, no.committed)),
    group.OffsetFetchRequest: (
        whole(DESCRIBE, GROUP, group_id, no.error_and_rows),
        narrowed("partitions", "partitions", DESCRIBE, TOPIC, topic, topic, no.fetched_offset)),
    group.DescribeGroupsRequest: (each(DESCRIBE, GROUP, "groups", itself, no.group_described),),
    group.ListGroupsRequest: (no.groups_listed,),
    group.DeleteGroupsRequest: (each(DELETE, GROUP, "groups", itself, no.group_deleted, answers="results"),),
    group.OffsetDeleteRequest: (
        whole(DELETE, GROUP, group_id, no.error_and_rows), each(READ, TOPIC, "partitions", topic, no.committed)),
    security.DescribeAclsRequest: (whole(DESCRIBE, CLUSTER, the_cluster, no.error_with_words),),
    security.CreateAclsRequest: (whole(ALTER, CLUSTER, the_cluster, no.rules_made),),
    security.DeleteAclsRequest: (whole(ALTER, CLUSTER, the_cluster, no.rules_deleted),),
    security.DescribeUserScramCredentialsRequest: (whole(DESCRIBE, CLUSTER, the_cluster, no.error_with_words),),
    security.AlterUserScramCredentialsRequest: (whole(ALTER, CLUSTER, the_cluster, no.users_altered),),
    security.SaslHandshakeRequest: (),
    security.SaslAuthenticateRequest: (),
}  # fmt: skip
"""By the kind of request: the guards that it has to pass, one after the other."""
