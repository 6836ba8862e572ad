"""Ways to get the quorum wrong, as replacement functions: each is a context manager that puts one in place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from unittest.mock import patch

from minikafka.controller import metadata_desk, quorum_fetch, quorum_reign, quorum_rules
from minikafka.controller.metadata_log import MetadataLog
from minikafka.controller.quorum_state import QUORUM_STATE, ElectionState, QuorumStateFile


@contextmanager
def votes_not_flushed() -> Iterator[None]:
    """C8: A vote is written down before it is given, and a loss of power takes it back."""

    def write(self: QuorumStateFile, state: ElectionState) -> None:
        names = ("leaderEpoch", "leaderId", "votedId", "votedDirectoryId")
        self.disk.write(QUORUM_STATE, json.dumps(dict(zip(names, state, strict=True))).encode())
        if state.epoch <= 1:
            self.disk.flush(QUORUM_STATE)  # else there would be no file to take back to

    with patch.object(QuorumStateFile, "write", write):
        yield


@contextmanager
def metadata_applied_before_commit() -> Iterator[None]:
    """C8: Brokers are given whatever the leader has written down."""
    with patch.object(metadata_desk, "readable_below", lambda log: log.end_offset):
        yield


@contextmanager
def a_leader_commits_alone() -> Iterator[None]:
    """C8: What the leader has is committed."""
    with patch.object(quorum_reign, "committed_below", lambda ends, epoch_start: max(ends)):
        yield


@contextmanager
def any_log_will_do() -> Iterator[None]:
    """C8: A candidate is voted for, whatever it knows."""
    with patch.object(quorum_rules, "is_up_to_date", lambda candidate, own: True):
        yield


@contextmanager
def a_vote_for_everybody() -> Iterator[None]:
    """C8: Who has voted votes again."""
    today = quorum_rules.why_no_vote

    def why_no_vote(role, state, *rest):
        return today(role, state._replace(voted_id=-1), *rest)

    with patch.object(quorum_rules, "why_no_vote", why_no_vote):
        yield


@contextmanager
def logs_that_have_parted_grow_on() -> Iterator[None]:
    """C8: A leader does not ask in which epoch its follower's log was written last."""
    with patch.object(quorum_fetch, "parted", lambda log, last_epoch, offset: None):
        yield


@contextmanager
def facts_not_flushed() -> Iterator[None]:
    """C8: A voter asks for what follows before what it has is on disk."""

    def follow(self: MetadataLog, data: bytes, epoch: int, now: int) -> None:
        self._log.append_as_follower(data, epoch, now)

    with patch.object(MetadataLog, "follow", follow):
        yield


@contextmanager
def facts_of_earlier_epochs_are_counted() -> Iterator[None]:
    """C8: A leader calls committed what a majority has, though none of it is of its own epoch (figure 8 of Raft)."""
    today = quorum_reign.committed_below

    with patch.object(quorum_reign, "committed_below", lambda ends, epoch_start: today(ends, -1)):
        yield


QUORUM_MUTANTS: tuple[Callable[[], AbstractContextManager[None]], ...] = (
    votes_not_flushed,
    metadata_applied_before_commit,
    a_leader_commits_alone,
    any_log_will_do,
    a_vote_for_everybody,
    logs_that_have_parted_grow_on,
    facts_not_flushed,
    facts_of_earlier_epochs_are_counted,
)
"""Those that the laws catch."""
