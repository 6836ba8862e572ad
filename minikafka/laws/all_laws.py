"""All laws together.

Promises     `world.law(*all_laws(world))`, said before or after the clusters are made, looks after every law there
             is.
Stands for   the table of invariants.
Left out     what does not exist yet: mirrors (R and T laws hold for mirrors too, once they are).
Differs      laws with the precondition CLEAN or DUR look themselves whether it still holds for the partition in
             question: unclean elections and losses of power are counted as they happen (see `partition_history`).
"""

from __future__ import annotations

from minikafka.laws.commit_laws import COMMIT_LAWS
from minikafka.laws.compaction_laws import COMPACTION_LAWS
from minikafka.laws.controller_laws import CONTROLLER_LAWS
from minikafka.laws.fold_law import EventsTellWhatIs
from minikafka.laws.group_fold_law import GroupEventsTellWhatIs
from minikafka.laws.group_laws import GROUP_LAWS
from minikafka.laws.history_laws import HISTORY_LAWS
from minikafka.laws.observer_laws import OBSERVER_LAWS
from minikafka.laws.quorum_fold_law import QuorumEventsTellWhatIs
from minikafka.laws.quorum_laws import QUORUM_LAWS
from minikafka.laws.replication_laws import REPLICATION_LAWS
from minikafka.laws.security_laws import SECURITY_LAWS
from minikafka.laws.storage_laws import STORAGE_LAWS
from minikafka.laws.transaction_laws import TRANSACTION_LAWS
from minikafka.world.laws import Law
from minikafka.world.world import World

LAWS = (
    *STORAGE_LAWS, *COMPACTION_LAWS, *CONTROLLER_LAWS, *REPLICATION_LAWS, *COMMIT_LAWS, *HISTORY_LAWS, *GROUP_LAWS,
    *OBSERVER_LAWS, *SECURITY_LAWS, *QUORUM_LAWS, *TRANSACTION_LAWS,
    EventsTellWhatIs, GroupEventsTellWhatIs, QuorumEventsTellWhatIs,
)  # fmt: skip
"""Every law's class."""


def all_laws(world: World) -> list[Law]:
    """A fresh law of every kind that this world does not obey yet; give them to `world.law`."""
    obeyed = [type(law) for law in world.laws]
    return [law() for law in LAWS if law not in obeyed]
