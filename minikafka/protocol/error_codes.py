"""Kafka's error codes: the number that travels, what it means, and what the one who gets it may conclude.

Promises     names, numbers and retriability are Kafka's; `definite` says that the request certainly changed nothing.
Stands for   org.apache.kafka.common.protocol.Errors, and the class tree of its exceptions.
Left out     delegation tokens, log directories, share groups, telemetry, the voters of a Raft quorum.
Differs      `definite` is no Kafka word; it is what the notes in Kafka's documentation amount to for one request.
"""

from __future__ import annotations

from enum import IntEnum


class Error(IntEnum):
    """An error code: `Error(19).name` is Kafka's name, `.meaning` a sentence; the properties are its consequences."""

    def __new__(cls, code: int, meaning: str) -> Error:
        """A member is an int, so that it compares and travels as Kafka's number."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    UNKNOWN_SERVER_ERROR = -1, "the server met something it did not expect"
    NONE = 0, "no error"
    OFFSET_OUT_OF_RANGE = 1, "the offset lies before the log start or after the log end of this replica"
    CORRUPT_MESSAGE = 2, "the bytes are no whole record batch, or do not match their CRC"
    UNKNOWN_TOPIC_OR_PARTITION = 3, "this broker does not know the topic or the partition (or does not host it)"
    LEADER_NOT_AVAILABLE = 5, "the partition has no leader at the moment"
    NOT_LEADER_OR_FOLLOWER = 6, "this broker is not, or no longer, the leader of the partition"
    REQUEST_TIMED_OUT = 7, "the promise was not kept in time; it may still be kept later"
    BROKER_NOT_AVAILABLE = 8, "the broker is not there"
    REPLICA_NOT_AVAILABLE = 9, "the replica is not there for this partition"
    MESSAGE_TOO_LARGE = 10, "a batch is larger than max.message.bytes allows"
    OFFSET_METADATA_TOO_LARGE = 12, "the note beside a committed offset is too long"
    NETWORK_EXCEPTION = 13, "the connection was lost before the answer came"
    COORDINATOR_LOAD_IN_PROGRESS = 14, "the coordinator still reads its log"
    COORDINATOR_NOT_AVAILABLE = 15, "there is no coordinator, or it could not replicate the change in time"
    NOT_COORDINATOR = 16, "this broker does not coordinate the group or transaction (any more)"
    INVALID_TOPIC_EXCEPTION = 17, "the topic name is not allowed, or the topic may not be written to"
    RECORD_LIST_TOO_LARGE = 18, "the batches are larger than a whole segment"
    NOT_ENOUGH_REPLICAS = 19, "fewer replicas are in sync than min.insync.replicas wants; nothing was written"
    NOT_ENOUGH_REPLICAS_AFTER_APPEND = 20, "written, but then too few replicas were in sync; the record stays"
    INVALID_REQUIRED_ACKS = 21, "acks is none of -1 (all), 0 and 1"
    ILLEGAL_GENERATION = 22, "the generation of the group is another one"
    INCONSISTENT_GROUP_PROTOCOL = 23, "the member shares no assignment protocol with its group"
    INVALID_GROUP_ID = 24, "the group id is not allowed"
    UNKNOWN_MEMBER_ID = 25, "the group does not know this member"
    INVALID_SESSION_TIMEOUT = 26, "the session timeout is outside what the broker allows"
    REBALANCE_IN_PROGRESS = 27, "the group is rebalancing; join again"
    TOPIC_AUTHORIZATION_FAILED = 29, "no right to do this to the topic"
    GROUP_AUTHORIZATION_FAILED = 30, "no right to do this to the group"
    CLUSTER_AUTHORIZATION_FAILED = 31, "no right to do this to the cluster"
    INVALID_TIMESTAMP = 32, "a record's timestamp lies too far from the broker's clock"
    UNSUPPORTED_SASL_MECHANISM = 33, "the broker does not offer this way to authenticate"
    ILLEGAL_SASL_STATE = 34, "the request does not belong into this step of authentication"
    UNSUPPORTED_VERSION = 35, "the other side does not speak this request"
    TOPIC_ALREADY_EXISTS = 36, "a topic with this name is there already"
    INVALID_PARTITIONS = 37, "the number of partitions is not possible"
    INVALID_REPLICATION_FACTOR = 38, "the replication factor is not possible with the brokers there are"
    INVALID_REPLICA_ASSIGNMENT = 39, "the replicas given for a partition are not possible"
    INVALID_CONFIG = 40, "a setting is unknown, of the wrong type or out of bounds"
    NOT_CONTROLLER = 41, "this node is not the active controller, or knows less than the caller"
    INVALID_REQUEST = 42, "the request makes no sense as it is"
    POLICY_VIOLATION = 44, "a rule of the cluster or topic forbids it"
    OUT_OF_ORDER_SEQUENCE_NUMBER = 45, "the batch does not follow the producer's last one"
    DUPLICATE_SEQUENCE_NUMBER = 46, "the batch is in the log already"
    INVALID_PRODUCER_EPOCH = 47, "a newer incarnation of this producer has written"
    INVALID_TXN_STATE = 48, "the transaction is not in a state that allows this"
    INVALID_PRODUCER_ID_MAPPING = 49, "the producer id does not belong to the transactional id"
    INVALID_TRANSACTION_TIMEOUT = 50, "the transaction timeout is longer than the broker allows"
    CONCURRENT_TRANSACTIONS = 51, "an earlier transaction of the producer is still being finished"
    TRANSACTION_COORDINATOR_FENCED = 52, "the transaction coordinator has been replaced"
    TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53, "no right to use the transactional id"
    SECURITY_DISABLED = 54, "there is no authorizer"
    OPERATION_NOT_ATTEMPTED = 55, "not tried, because something else in the request failed"
    KAFKA_STORAGE_ERROR = 56, "the disk failed"
    SASL_AUTHENTICATION_FAILED = 58, "the credentials are wrong"
    UNKNOWN_PRODUCER_ID = 59, "the broker has no state for the producer id"
    REASSIGNMENT_IN_PROGRESS = 60, "the partition is being reassigned already"
    NON_EMPTY_GROUP = 68, "the group still has members"
    GROUP_ID_NOT_FOUND = 69, "there is no such group"
    FETCH_SESSION_ID_NOT_FOUND = 70, "the broker does not know the fetch session; open a new one"
    INVALID_FETCH_SESSION_EPOCH = 71, "the fetch session expects another request number; open a new one"
    LISTENER_NOT_FOUND = 72, "the leader cannot be reached under this listener"
    TOPIC_DELETION_DISABLED = 73, "delete.topic.enable is false"
    FENCED_LEADER_EPOCH = 74, "the caller's leader epoch is older than the broker's; refresh metadata"
    UNKNOWN_LEADER_EPOCH = 75, "the caller's leader epoch is newer than the broker's; try again"
    STALE_BROKER_EPOCH = 77, "the request comes from an earlier incarnation of the broker"
    OFFSET_NOT_AVAILABLE = 78, "the new leader does not yet know how far the log is committed"
    MEMBER_ID_REQUIRED = 79, "join again with the member id that was given"
    PREFERRED_LEADER_NOT_AVAILABLE = 80, "the preferred replica is not alive or not in sync"
    GROUP_MAX_SIZE_REACHED = 81, "the group is full"
    FENCED_INSTANCE_ID = 82, "another member has taken this group.instance.id"
    ELIGIBLE_LEADERS_NOT_AVAILABLE = 83, "no live replica may become leader"
    ELECTION_NOT_NEEDED = 84, "the partition has the leader it should have"
    NO_REASSIGNMENT_IN_PROGRESS = 85, "there is no reassignment to cancel"
    GROUP_SUBSCRIBED_TO_TOPIC = 86, "the group is still subscribed to the topic"
    INVALID_RECORD = 87, "a record breaks a rule of its topic or of the protocol"
    UNSTABLE_OFFSET_COMMIT = 88, "a transaction on these offsets is still open"
    THROTTLING_QUOTA_EXCEEDED = 89, "the quota is used up for now"
    PRODUCER_FENCED = 90, "a newer producer with the same transactional id has started"
    RESOURCE_NOT_FOUND = 91, "there is no such user, or it has no password of this kind"
    DUPLICATE_RESOURCE = 92, "the request names the same thing twice"
    UNACCEPTABLE_CREDENTIAL = 93, "the name, the mechanism, the salt or the iterations are not possible"
    INCONSISTENT_VOTER_SET = 94, "one controller is not a voter to the other; both must know the same voters"
    INVALID_UPDATE_VERSION = 95, "the partition epoch is not the current one; the change is based on old knowledge"
    UNKNOWN_TOPIC_ID = 100, "this broker does not know the topic id"
    DUPLICATE_BROKER_REGISTRATION = 101, "another incarnation of this broker still has a valid session"
    BROKER_ID_NOT_REGISTERED = 102, "the controller has no registration of this broker"
    INCONSISTENT_TOPIC_ID = 103, "the topic id is not that of the log on disk"
    TRANSACTIONAL_ID_NOT_FOUND = 105, "the transactional id is not known"
    FETCH_SESSION_TOPIC_ID_ERROR = 106, "the fetch session mixes topic names and ids"
    INELIGIBLE_REPLICA = 107, "a proposed ISR member is fenced, shutting down or of another broker epoch"
    NEW_LEADER_ELECTED = 108, "the change was made and moved the leader"
    FENCED_MEMBER_EPOCH = 110, "the group has moved on without this member"
    UNRELEASED_INSTANCE_ID = 111, "the group.instance.id is still in use"
    UNSUPPORTED_ASSIGNOR = 112, "the group coordinator does not know this assignor"
    STALE_MEMBER_EPOCH = 113, "the member's epoch is old; wait for the next heartbeat"
    INVALID_REGULAR_EXPRESSION = 128, "the pattern of a subscription cannot be read"

    @property
    def refreshes_metadata(self) -> bool:
        """The caller's picture of the cluster may be old: refresh it and try again (InvalidMetadataException)."""
        return self in _OLD_PICTURE

    @property
    def retriable(self) -> bool:
        """The same request may succeed if it is sent again."""
        return self in _OLD_PICTURE or self in _TRANSIENT

    @property
    def definite(self) -> bool:
        """What the request asked for did not and will not happen. It speaks of the one request that got this answer: an
        earlier attempt of the same batch may be in the log. False for NONE, because then it did happen."""
        return self not in _OPEN


_OLD_PICTURE = frozenset({3, 5, 6, 9, 13, 56, 72, 74, 80, 83, 84, 100, 103})
_TRANSIENT = frozenset({2, 7, 14, 15, 16, 19, 20, 41, 51, 70, 71, 75, 78, 88, 89, 106})

# An answer is open when it may come after the deed:
# 3 and 6: the partition was deleted, or its leader replaced, while an appended batch waited for its followers;
# 15 and 16: the same, for a group coordinator's record; 41: for a controller's;
# 7 and 20: appended, not (surely) replicated; 13: nobody knows; 56 and -1: the fault may have struck after the write;
# 46 and 108 say outright that it was done.
_OPEN = frozenset({-1, 0, 3, 6, 7, 13, 15, 16, 20, 41, 46, 56, 108})
