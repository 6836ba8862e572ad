"""Who a consumer is in its group: what a producer has to say when it commits in the consumer's name.

Promises     a member of an older generation is told apart from those of the present one.
Stands for   org.apache.kafka.clients.consumer.ConsumerGroupMetadata.
Left out     -
Differs      -
"""

from __future__ import annotations

from typing import NamedTuple


class ConsumerGroupMetadata(NamedTuple):
    """A member of a group in one of its generations; -1 and "" for somebody who assigns by hand."""

    group_id: str
    generation: int
    member_id: str
    group_instance_id: str | None
