"""Which room decides which request: the table that the active controller goes by.

Promises     every request in it is answered by a plain function of the cluster as decided so far: it waits for nothing,
             and changes nothing until the controller has recorded what it returns.
Stands for   the switch in ControllerApis.
Left out     requests that also keep a broker's session: registration and heartbeats, see `controller`.
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from minikafka.controller import (
    access_admin,
    config_changes,
    isr_changes,
    leader_changes,
    partition_growth,
    placement_change,
    producer_ids,
    reassignment,
    topic_admin,
)
from minikafka.controller.decision import Decision
from minikafka.protocol import admin_requests as admin
from minikafka.protocol import partition_requests as partition
from minikafka.protocol import security_requests as security
from minikafka.protocol.cluster_requests import AllocateProducerIdsRequest, AlterPartitionRequest
from minikafka.protocol.config_requests import IncrementalAlterConfigsRequest
from minikafka.protocol.placement_requests import ApplyPlacementRequest

if TYPE_CHECKING:
    from minikafka.controller.controller import Controller

Decider = Callable[["Controller", Any], Decision]

DECIDERS: dict[type, Decider] = {
    AlterPartitionRequest: lambda by, asked: isr_changes.alter_partition(by.image, asked, by.config),
    AllocateProducerIdsRequest: lambda by, asked: producer_ids.allocate_producer_ids(by.image, asked),
    admin.CreateTopicsRequest: lambda by, asked: topic_admin.create_topics(by.image, asked, by.config, by.dice),
    admin.DeleteTopicsRequest: lambda by, asked: topic_admin.delete_topics(by.image, asked, by.config),
    admin.ElectLeadersRequest: lambda by, asked: leader_changes.elect_leaders(by.image, asked, by.config),
    partition.CreatePartitionsRequest: lambda by, asked: partition_growth.create_partitions(
        by.image, asked, by.config, by.dice),
    partition.AlterPartitionReassignmentsRequest: lambda by, asked: reassignment.alter_reassignments(
        by.image, asked, by.config),
    IncrementalAlterConfigsRequest: lambda by, asked: config_changes.alter_configs(by.image, asked, by.config),
    ApplyPlacementRequest: lambda by, asked: placement_change.apply_placement(by.image, asked),
    security.CreateAclsRequest: lambda by, asked: access_admin.create_acls(by.image, asked, by.access_dice),
    security.DeleteAclsRequest: lambda by, asked: access_admin.delete_acls(by.image, asked),
    security.AlterUserScramCredentialsRequest: lambda by, asked: access_admin.alter_users(by.image, asked),
}  # fmt: skip
"""By the kind of request: what decides it for the controller `by`."""
