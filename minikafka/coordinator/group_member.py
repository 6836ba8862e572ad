"""One member of a group, as its coordinator sees it.

Promises     a member that waits for an answer counts as alive; its answer is given once.
Stands for   ClassicGroupMember.
Left out     -
Differs      -
"""

from __future__ import annotations

from typing import Any

from minikafka.coordinator.offset_records import StoredMember
from minikafka.protocol.group_requests import JoinedMember, JoinGroupRequest, Protocol


class Member:
    """`awaiting_join` and `awaiting_sync` are the answers it waits for (things with `set(response)`); times in µs."""

    __slots__ = ("member_id", "instance_id", "client_id", "client_host", "session_timeout", "rebalance_timeout",
                 "protocols", "assignment", "awaiting_join", "awaiting_sync", "is_new")  # fmt: skip

    def __init__(self, member_id: str, request: JoinGroupRequest, host: str):
        self.member_id = member_id
        self.instance_id = request.group_instance_id
        self.client_id = request.client_id
        self.client_host = host
        self.assignment = b""
        self.awaiting_join: Any = None
        self.awaiting_sync: Any = None
        self.is_new = False
        self.asks(request)

    def asks(self, request: JoinGroupRequest) -> None:
        """Take over what it asks for now."""
        self.session_timeout = request.session_timeout_ms * 1000
        self.rebalance_timeout = request.rebalance_timeout_ms * 1000
        self.protocols = tuple(Protocol(*protocol) for protocol in request.protocols)

    @classmethod
    def of(cls, stored: StoredMember, protocol: str) -> Member:
        """The member that the log tells of."""
        member = cls.__new__(cls)
        member.member_id, member.instance_id, member.client_id, member.client_host = stored[:4]
        member.session_timeout, member.rebalance_timeout = stored.session_timeout, stored.rebalance_timeout
        member.protocols = (Protocol(protocol, stored.metadata),)
        member.assignment = stored.assignment
        member.awaiting_join = member.awaiting_sync = None
        member.is_new = False
        return member

    def stored(self, protocol: str, assignment: bytes) -> StoredMember:
        """What the log has to tell of it."""
        return StoredMember(self.member_id, self.instance_id, self.client_id, self.client_host, self.session_timeout,
                            self.rebalance_timeout, self.metadata(protocol), assignment)  # fmt: skip

    @property
    def waits(self) -> bool:
        """Whether the coordinator owes it an answer."""
        return self.awaiting_join is not None or self.awaiting_sync is not None

    def metadata(self, protocol: str) -> bytes:
        """What it tells the leader under this protocol; nothing if it does not know it."""
        return next((one.metadata for one in self.protocols if one.name == protocol), b"")

    def matches(self, request: JoinGroupRequest) -> bool:
        """Whether it asks for the same as before."""
        return self.protocols == tuple(Protocol(*protocol) for protocol in request.protocols)

    def vote(self, candidates: tuple[str, ...]) -> str:
        """The first of its protocols that everybody knows."""
        return next(one.name for one in self.protocols if one.name in candidates)

    def introduced(self, protocol: str) -> JoinedMember:
        """How the leader gets to know it."""
        return JoinedMember(self.member_id, self.instance_id, self.metadata(protocol))

    def answer_join(self, response: Any) -> None:
        """Give it the answer it waits for, if it does."""
        reply, self.awaiting_join = self.awaiting_join, None
        if reply is not None:
            reply.set(response)

    def answer_sync(self, response: Any) -> None:
        """Give it the answer it waits for, if it does."""
        reply, self.awaiting_sync = self.awaiting_sync, None
        if reply is not None:
            reply.set(response)
