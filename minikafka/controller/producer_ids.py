"""Blocks of producer ids.

Promises     no producer id is ever handed out twice in a cluster; what a broker has not used when it stops is lost.
Stands for   ProducerIdControlManager.
Left out     nothing.
Differs      nothing.
"""

from __future__ import annotations

from minikafka.controller.broker_epochs import stale_broker_epoch
from minikafka.controller.decision import Decision
from minikafka.metadata.facts import ProducerIdsRecord
from minikafka.metadata.image import ClusterImage
from minikafka.protocol.cluster_requests import AllocateProducerIdsRequest, AllocateProducerIdsResponse
from minikafka.protocol.errors import Error

PRODUCER_ID_BLOCK_SIZE = 1000


def allocate_producer_ids(image: ClusterImage, request: AllocateProducerIdsRequest) -> Decision:
    """The next 1,000 ids for a broker."""
    if stale_broker_epoch(image, request.broker_id, request.broker_epoch):
        return Decision(response=AllocateProducerIdsResponse(Error.STALE_BROKER_EPOCH, -1, 0))
    start = image.next_producer_id
    fact = ProducerIdsRecord(request.broker_id, request.broker_epoch, start + PRODUCER_ID_BLOCK_SIZE)
    return Decision((fact,), AllocateProducerIdsResponse(Error.NONE, start, PRODUCER_ID_BLOCK_SIZE))
