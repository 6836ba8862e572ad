"""What each request needs: the table that the front desk goes by.

Promises     every request that a broker takes has a row; a caller without the right hears the right error for each
             thing that was named, and the rest of the request is answered as if nothing else had been named.
Stands for   the authorization in KafkaApis, request by request.
Left out     delegation tokens, quotas.
Differs      a request is checked by the broker also where Kafka leaves it to the controller. What a fetch reads is
             checked where it is read (`fetch`), and again at each later look of a parked one: Kafka looks once.
"""

from __future__ import annotations

from typing import Any

from minikafka.broker import refusals as no
from minikafka.broker.access_desk import (
    Guard,
    Resource,
    cluster,
    cluster_wide,
    each,
    group_name,
    group_of,
    narrowed,
    topic,
    topic_name,
    whole,
)
from minikafka.broker.transaction_permissions import TRANSACTION_PERMISSIONS, under_its_name
from minikafka.protocol import admin_requests as admin
from minikafka.protocol import client_requests as client
from minikafka.protocol import config_requests as config
from minikafka.protocol import group_requests as group
from minikafka.protocol import placement_requests as placement
from minikafka.protocol import security_requests as security
from minikafka.protocol.access_rules import Operation
from minikafka.protocol.partition_requests import (
    AlterPartitionReassignmentsRequest,
    CreatePartitionsRequest,
    ListPartitionReassignmentsRequest,
)

READ, WRITE, CREATE, DELETE = Operation.READ, Operation.WRITE, Operation.CREATE, Operation.DELETE
ALTER, DESCRIBE, CLUSTER_ACTION = Operation.ALTER, Operation.DESCRIBE, Operation.CLUSTER_ACTION
DESCRIBE_CONFIGS, ALTER_CONFIGS = Operation.DESCRIBE_CONFIGS, Operation.ALTER_CONFIGS


def configured(row: Any) -> Resource:
    """A topic whose settings are meant; a broker's are the cluster's."""
    return topic_name(row.resource_name) if row.resource_type == config.TOPIC_RESOURCE else cluster(row)


PERMISSIONS: dict[type, tuple[Guard, ...]] = {
    **TRANSACTION_PERMISSIONS,
    client.ProduceRequest: (under_its_name, each(WRITE, "partitions", topic, no.produced, settle=no.unanswerable),),
    client.FetchRequest: (),
    client.ListOffsetsRequest: (each(DESCRIBE, "partitions", topic, no.listed),),
    client.OffsetForLeaderEpochRequest: (
        cluster_wide(CLUSTER_ACTION, each(DESCRIBE, "partitions", topic, no.epoch_end)),),
    client.MetadataRequest: (narrowed(DESCRIBE, "topics", topic_name, no.topic_described, topic),),
    client.InitProducerIdRequest: (no.init_producer_id,),
    admin.CreateTopicsRequest: (cluster_wide(CREATE, each(CREATE, "topics", topic_name, no.topic_created)),),
    CreatePartitionsRequest: (each(ALTER, "topics", topic_name, no.topic_grown),),
    admin.DeleteTopicsRequest: (each(DELETE, "topics", topic_name, no.topic_deleted),),
    admin.DeleteRecordsRequest: (each(DELETE, "partitions", topic, no.records_deleted),),
    AlterPartitionReassignmentsRequest: (whole(ALTER, cluster, no.all_of_it),),
    ListPartitionReassignmentsRequest: (whole(DESCRIBE, cluster, no.all_of_it),),
    admin.ElectLeadersRequest: (whole(ALTER, cluster, no.all_of_it),),
    placement.ApplyPlacementRequest: (whole(ALTER, cluster, no.all_of_it),),
    config.DescribeConfigsRequest: (each(DESCRIBE_CONFIGS, "resources", configured, no.config_described),),
    config.IncrementalAlterConfigsRequest: (each(ALTER_CONFIGS, "resources", configured, no.config_altered),),
    group.FindCoordinatorRequest: (no.coordinators,),
    group.JoinGroupRequest: (whole(READ, group_of, no.joined),),
    group.SyncGroupRequest: (whole(READ, group_of, no.synced),),
    group.HeartbeatRequest: (whole(READ, group_of, no.error_alone),),
    group.LeaveGroupRequest: (whole(READ, group_of, no.error_and_rows),),
    group.OffsetCommitRequest: (
        whole(READ, group_of, no.every_commit), each(READ, "partitions", topic, no.committed)),
    group.OffsetFetchRequest: (
        whole(DESCRIBE, group_of, no.error_and_rows),
        narrowed(DESCRIBE, "partitions", topic, no.fetched_offset, topic)),
    group.DescribeGroupsRequest: (each(DESCRIBE, "groups", group_name, no.group_described),),
    group.ListGroupsRequest: (no.groups_listed,),
    group.DeleteGroupsRequest: (each(DELETE, "groups", group_name, no.group_deleted, answers="results"),),
    group.OffsetDeleteRequest: (
        whole(DELETE, group_of, no.error_and_rows), each(READ, "partitions", topic, no.committed)),
    security.DescribeAclsRequest: (whole(DESCRIBE, cluster, no.error_with_words),),
    security.CreateAclsRequest: (whole(ALTER, cluster, no.all_of_it),),
    security.DeleteAclsRequest: (whole(ALTER, cluster, no.all_of_it),),
    security.DescribeUserScramCredentialsRequest: (whole(DESCRIBE, cluster, no.error_with_words),),
    security.AlterUserScramCredentialsRequest: (whole(ALTER, cluster, no.all_of_it),),
    security.SaslHandshakeRequest: (),
    security.SaslAuthenticateRequest: (),
}  # fmt: skip
"""By the kind of request: the guards that it has to pass, one after the other."""
