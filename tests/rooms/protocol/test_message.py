"""Messages: what was encoded comes out equal; everything else is refused by name."""

import msgpack
import pytest

from minikafka.protocol.admin_requests import CreatableTopic, CreateTopicsRequest
from minikafka.protocol.client_requests import (
    AbortedTransaction,
    FetchedPartition,
    FetchPartition,
    FetchRequest,
    FetchResponse,
    ForgottenPartition,
    MetadataBroker,
    MetadataPartition,
    MetadataRequest,
    MetadataResponse,
    MetadataTopic,
    ProducePartition,
    ProduceRequest,
)
from minikafka.protocol.cluster_requests import (
    AlterPartitionPartition,
    AlterPartitionRequest,
    BrokerHeartbeatRequest,
    BrokerHeartbeatResponse,
    FetchMetadataRequest,
    FetchMetadataResponse,
    IsrMember,
)
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.message import REQUESTS, decode_request, decode_response, encode, encode_response

HEARTBEAT = BrokerHeartbeatRequest(1, 17, 42, False, False)
FETCH = FetchRequest(
    2, 17, 500, 1, 10485760, 0, 77, 5, (FetchPartition("flights", 0, "id", 3, 105, 3, 0, 1048576),),
    (ForgottenPartition("flights", 1),), "a")


def filled(kind, depth=0):
    """A message of this kind with something in every field, two rows wherever it has rows."""
    nested = getattr(kind, "NESTED", {})
    return kind._make((filled(nested[name], depth + 1), filled(nested[name], depth + 1)) if name in nested else index
                      for index, name in enumerate(kind._fields))


def test_every_request_is_known_by_its_api_key():
    assert {api: kind.__name__ for api, kind in REQUESTS.items()} == {
        0: "ProduceRequest", 1: "FetchRequest", 2: "ListOffsetsRequest", 3: "MetadataRequest",
        8: "OffsetCommitRequest", 9: "OffsetFetchRequest", 10: "FindCoordinatorRequest", 11: "JoinGroupRequest",
        12: "HeartbeatRequest", 13: "LeaveGroupRequest", 14: "SyncGroupRequest", 15: "DescribeGroupsRequest",
        16: "ListGroupsRequest", 42: "DeleteGroupsRequest", 47: "OffsetDeleteRequest",
        32: "DescribeConfigsRequest", 37: "CreatePartitionsRequest",
        45: "AlterPartitionReassignmentsRequest", 46: "ListPartitionReassignmentsRequest",
        44: "IncrementalAlterConfigsRequest",
        19: "CreateTopicsRequest", 20: "DeleteTopicsRequest", 21: "DeleteRecordsRequest", 22: "InitProducerIdRequest",
        23: "OffsetForLeaderEpochRequest", 43: "ElectLeadersRequest",
        52: "VoteRequest", 53: "BeginQuorumEpochRequest", 54: "EndQuorumEpochRequest", 56: "AlterPartitionRequest",
        24: "AddPartitionsToTxnRequest", 25: "AddOffsetsToTxnRequest", 26: "EndTxnRequest",
        27: "WriteTxnMarkersRequest", 28: "TxnOffsetCommitRequest", 61: "DescribeProducersRequest",
        65: "DescribeTransactionsRequest", 66: "ListTransactionsRequest",
        62: "BrokerRegistrationRequest", 63: "BrokerHeartbeatRequest", 67: "AllocateProducerIdsRequest",
        17: "SaslHandshakeRequest", 36: "SaslAuthenticateRequest", 29: "DescribeAclsRequest",
        30: "CreateAclsRequest", 31: "DeleteAclsRequest", 50: "DescribeUserScramCredentialsRequest",
        51: "AlterUserScramCredentialsRequest",
        1001: "FetchMetadataRequest", 1002: "FetchQuorumRequest", 1003: "ApplyPlacementRequest"}


@pytest.mark.parametrize("kind", REQUESTS.values(), ids=lambda kind: kind.__name__)
def test_every_request_and_response_survives_the_way(kind):
    request = filled(kind)
    arrived = decode_request(encode(request))
    assert arrived == request
    assert type(arrived) is kind
    response = filled(kind.Response)
    arrived = decode_response(kind, encode_response(response))
    assert arrived == response
    assert type(arrived) is kind.Response
    for name, row in getattr(kind.Response, "NESTED", {}).items():
        assert [type(found) for found in getattr(arrived, name)] == [row, row]


def test_rows_may_hold_rows():
    row = AlterPartitionPartition("id", 0, 3, [IsrMember(1, 10), IsrMember(2, 11)], 0, 7)
    arrived = decode_request(encode(AlterPartitionRequest(1, 10, [row])))
    assert arrived.partitions[0].new_isr[1].broker_epoch == 11
    topic = MetadataTopic(0, "flights", "id", [MetadataPartition(0, 0, 1, 3, [1, 2, 3], [1, 2], [])])
    response = decode_response(MetadataRequest, encode_response(
        MetadataResponse("primary", 0, [MetadataBroker(1, "primary/b1", "a")], [topic])))
    assert response.topics[0].partitions[0].isr == (1, 2)
    assert response.brokers[0].address == "primary/b1"


def test_what_has_arrived_cannot_be_changed():
    topic = CreatableTopic("a", 1, 1, [], [["segment.ms", 5]])
    arrived = decode_request(encode(CreateTopicsRequest([topic], 100, False)))
    assert arrived.topics == (CreatableTopic("a", 1, 1, (), (("segment.ms", 5),)),)
    hash(arrived)


def test_none_may_stand_for_all():
    assert decode_request(encode(MetadataRequest(None))).topics is None


def test_records_and_the_longest_numbers_survive():
    produce = ProduceRequest(-1, 2**63 - 1, (ProducePartition("flights", 0, bytes(range(256)) * 300),))
    assert decode_request(encode(produce)) == produce
    fetched = FetchResponse(0, 0, (FetchedPartition("f", 0, Error.NONE, 1, 1, 0, (3, 7), 1, 3, -1, b""),))
    assert decode_response(FetchRequest, encode_response(fetched)).partitions[0].diverging_epoch == (3, 7)


def test_an_idle_fetch_is_small():
    idle = FETCH._replace(partitions=(), forgotten=())
    assert len(encode(idle)) < 40


GOOD = encode(FETCH)


@pytest.mark.parametrize("payload, error, sentence", [
    (b"", Error.CORRUPT_MESSAGE, "0 bytes are no whole msgpack value"),
    (GOOD[:-1], Error.CORRUPT_MESSAGE, "send exactly what encode() returned"),
    (GOOD[:9], Error.CORRUPT_MESSAGE, "9 bytes are no whole msgpack value"),
    (GOOD + b"x", Error.CORRUPT_MESSAGE, "are no whole msgpack value"),
    (b"\xc1\xc1\xc1", Error.CORRUPT_MESSAGE, "are no whole msgpack value"),
    (b"\x92\x01\xa2\xff\xfe", Error.CORRUPT_MESSAGE, "are no whole msgpack value"),
    (msgpack.packb({1: 2}), Error.CORRUPT_MESSAGE, "are no whole msgpack value"),
    (b"GET / HTTP/1.1\r\n", Error.CORRUPT_MESSAGE, "are no whole msgpack value"),
    (msgpack.packb("fetch"), Error.INVALID_REQUEST, "a request is a pair [api key, fields], not 'fetch'"),
    (msgpack.packb({"api": 1}), Error.INVALID_REQUEST, "a request is a pair [api key, fields]"),
    (msgpack.packb([1, [], 3]), Error.INVALID_REQUEST, "a request is a pair [api key, fields]"),
    (msgpack.packb([999, []]), Error.INVALID_REQUEST, "no request has the API key 999; known are 0, 1, 2, 3, 8, 9"),
    (msgpack.packb(["1", []]), Error.INVALID_REQUEST, "no request has the API key '1'"),
    (msgpack.packb([True, []]), Error.INVALID_REQUEST, "no request has the API key True"),
    (msgpack.packb([None, []]), Error.INVALID_REQUEST, "no request has the API key None"),
    (msgpack.packb([63, [1, 2, 3]]), Error.INVALID_REQUEST, "(1, 2, 3) is no BrokerHeartbeatRequest"),
    (msgpack.packb([63, [1, 2, 3, 4, 5, 6]]), Error.INVALID_REQUEST, "whose fields are broker_id, broker_epoch"),
    (msgpack.packb([63, "abcde"]), Error.INVALID_REQUEST, "'abcde' is no BrokerHeartbeatRequest"),
    (msgpack.packb([63, None]), Error.INVALID_REQUEST, "None is no BrokerHeartbeatRequest"),
    (msgpack.packb([0, [1, 2, [["flights", 0]]]]), Error.INVALID_REQUEST, "('flights', 0) is no ProducePartition"),
    (msgpack.packb([0, [1, 2, ["abc"]]]), Error.INVALID_REQUEST, "'abc' is no ProducePartition"),
    (msgpack.packb([0, [1, 2, 7]]), Error.INVALID_REQUEST, "7 is no ProduceRequest"),
])
def test_bytes_that_are_no_request_are_refused(payload, error, sentence):
    with pytest.raises(KafkaError) as refusal:
        decode_request(payload)
    assert refusal.value.error is error
    assert sentence in str(refusal.value)


@pytest.mark.parametrize("payload, error", [
    (GOOD, Error.INVALID_REQUEST),
    (b"\x94\x00", Error.CORRUPT_MESSAGE),
    (msgpack.packb([0, True]), Error.INVALID_REQUEST),
])
def test_bytes_that_are_not_the_response_are_refused(payload, error):
    with pytest.raises(KafkaError) as refusal:
        decode_response(BrokerHeartbeatRequest, payload)
    assert refusal.value.error is error


@pytest.mark.parametrize("value, reason", [
    ({1, 2}, "set"), (2**64, "Integer value out of range"), (object(), "object"),
])
def test_what_cannot_travel_is_refused_and_the_next_message_is_whole(value, reason):
    good = encode(HEARTBEAT), encode_response(BrokerHeartbeatResponse(0, True, False, False))
    for attempt in (lambda: encode(HEARTBEAT._replace(broker_epoch=value)),
                    lambda: encode_response(BrokerHeartbeatResponse(0, True, False, value))):
        with pytest.raises(KafkaError, match="holds a value that cannot travel") as refusal:
            attempt()
        assert refusal.value.error is Error.INVALID_REQUEST
        assert reason in str(refusal.value)
    assert (encode(HEARTBEAT), encode_response(BrokerHeartbeatResponse(0, True, False, False))) == good


def test_only_requests_can_be_asked():
    with pytest.raises(KafkaError, match="BrokerHeartbeatResponse is no request; send one of the classes") as refusal:
        encode(BrokerHeartbeatResponse(0, True, False, False))
    assert refusal.value.error is Error.INVALID_REQUEST


def test_a_default_at_the_end_does_not_travel():
    plain, transactional = ProduceRequest(-1, 100, ()), ProduceRequest(-1, 100, (), "booking")
    assert len(encode(plain)) < len(encode(transactional)) - len("booking")
    assert decode_request(encode(plain)) == plain and decode_request(encode(transactional)) == transactional
    row = FetchedPartition("flights", 0, 0, 5, 5, 0, None, -1, -1, -1, b"")
    told = row._replace(aborted_transactions=(AbortedTransaction(7, 3),))
    sizes = []
    for rows in ([row], [told]):
        data = encode_response(FetchResponse(0, 0, rows))
        assert decode_response(FetchRequest, data).partitions == tuple(rows)
        sizes.append(len(data))
    assert sizes[0] < sizes[1]


def test_a_field_without_a_default_must_travel():
    with pytest.raises(KafkaError, match="is no ProduceRequest"):
        decode_request(msgpack.packb([0, [-1, 100]]))


def test_tagged_fields_travel_only_if_they_say_something():
    plain, tagged = FetchMetadataRequest(1, 7, 42, 500), FetchMetadataRequest(1, 7, 42, 500, 3)
    assert len(msgpack.unpackb(encode(plain))[1]) == 4 and len(msgpack.unpackb(encode(tagged))[1]) == 5
    assert [decode_request(encode(one)) for one in (plain, tagged)] == [plain, tagged]
    for answer in (FetchMetadataResponse(0, 1, 9, b""), FetchMetadataResponse(6, 1, 9, b"", 2),
                   FetchMetadataResponse(0, 1, 9, b"", -1, (1, 5))):  # fmt: skip
        assert decode_response(FetchMetadataRequest, encode_response(answer)) == answer
    with pytest.raises(KafkaError, match="FetchMetadataRequest"):
        decode_request(msgpack.packb((1001, (1, 7, 42))))
