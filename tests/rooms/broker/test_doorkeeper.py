"""The doorkeeper: names are proved, refusals are held back and look alike, nothing is answered before."""

import pytest

from minikafka.deploy.kafka_world import World
from minikafka.events.security import Authenticated, AuthenticationFailed
from minikafka.protocol import scram
from minikafka.protocol.channel import Channel
from minikafka.protocol.client_requests import MetadataRequest
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.login import Login
from minikafka.protocol.security_requests import SaslAuthenticateRequest, SaslHandshakeRequest
from minikafka.world.network import Disconnected
from minikafka.world.secrets import fingerprint

SHA = "SCRAM-SHA-256"
NAMED = {"listeners": "SASL_PLAINTEXT", "sasl.enabled.mechanisms": SHA}


class Door:
    """A cluster of one broker that demands names, the user alice, and somebody at the door."""

    def __init__(self, **config):
        self.world = World(seed=4)
        self.cluster = self.world.cluster("primary", brokers=1, config={**NAMED, **config})
        self.cluster.create_user("alice", "wonderland")
        self.machine = self.world.machine("primary/guest", self.world.place("home-a"))
        self.machine.start()
        self.channel = Channel(self.machine, "primary/b1")

    def ask(self, request):
        """What the broker answers on one and the same connection."""
        return self.world.finish(self.channel.ask(request, 5_000_000))

    def say(self, text):
        """A part of the conversation."""
        return self.ask(SaslAuthenticateRequest(text if isinstance(text, bytes) else text.encode()))

    def log_in(self, name="alice", password="wonderland", mechanism=SHA):
        """Come in by the whole conversation."""
        channel = Channel(self.machine, "primary/b1", Login(name, fingerprint(password), mechanism))
        return self.world.finish(channel.ask(MetadataRequest([]), 5_000_000))

    def failures(self):
        """The errors that were recorded."""
        return [entry.event.error for entry in self.world.recorder.events(AuthenticationFailed)]


@pytest.fixture
def door():
    return Door()


def test_who_proves_a_name_is_known_by_it(door):
    assert door.log_in().cluster == "primary"
    [entry] = door.world.recorder.events(Authenticated)
    assert entry.event == Authenticated("User:alice", "primary/guest", SHA)


@pytest.mark.parametrize(("name", "password"), [("alice", "looking-glass"), ("hatter", "wonderland"), ("alice", "")])
def test_unknown_names_and_wrong_passwords_look_alike(door, name, password):
    began = door.world.now
    with pytest.raises(KafkaError) as refused:
        door.log_in(name, password)
    assert refused.value.error == Error.SASL_AUTHENTICATION_FAILED
    assert not refused.value.retriable and refused.value.definite
    assert str(refused.value).endswith(f"user {name!r} is not known here, or the password is wrong ({SHA}): check both")
    assert door.world.now - began >= 100_000  # connection.failed.authentication.delay.ms


def test_a_refusal_is_held_back_for_as_long_as_the_setting_says():
    door = Door(**{"connection.failed.authentication.delay.ms": 2500})
    began = door.world.now
    with pytest.raises(KafkaError):
        door.log_in("alice", "looking-glass")
    assert 2_500_000 <= door.world.now - began < 2_600_000


def test_a_mechanism_that_is_not_enabled(door):
    with pytest.raises(KafkaError, match="choose one of SCRAM-SHA-256") as refused:
        door.log_in(mechanism="SCRAM-SHA-512")
    assert refused.value.error == Error.UNSUPPORTED_SASL_MECHANISM
    answer = door.ask(SaslHandshakeRequest("PLAIN"))
    assert (answer.error, answer.mechanisms) == (Error.UNSUPPORTED_SASL_MECHANISM, (SHA,))


def test_nothing_is_answered_before(door):
    with pytest.raises(Disconnected):
        door.ask(MetadataRequest(None))
    assert door.failures() == ["ILLEGAL_SASL_STATE"]
    assert door.ask(SaslHandshakeRequest(SHA)).error == Error.NONE
    with pytest.raises(Disconnected):
        door.ask(MetadataRequest(None))


@pytest.mark.parametrize("early", [SaslAuthenticateRequest(b"n,,n=alice,r=x"), SaslAuthenticateRequest(b"\xff")])
def test_the_name_does_not_come_before_the_handshake(door, early):
    assert door.ask(early).error == Error.ILLEGAL_SASL_STATE
    assert door.ask(SaslHandshakeRequest(SHA)).error == Error.ILLEGAL_SASL_STATE  # it was refused, for good


def test_a_second_handshake_changes_nothing(door):
    assert door.ask(SaslHandshakeRequest(SHA)).error == Error.NONE
    assert door.ask(SaslHandshakeRequest(SHA)).error == Error.ILLEGAL_SASL_STATE
    assert door.say("n,,n=alice,r=x").error == Error.ILLEGAL_SASL_STATE


def test_a_proof_is_good_for_one_conversation(door):
    """What somebody has overheard is worth nothing: the server's part of the nonce is another one each time."""
    first = "n,,n=alice,r=abc"
    door.ask(SaslHandshakeRequest(SHA))
    challenge = door.say(first).auth_bytes.decode()
    given = scram.fields(challenge)
    password = scram.salted(SHA, fingerprint("wonderland"), scram.from_text(given["s"]), int(given["i"]))
    final = f"c=biws,r={given['r']}"
    proof = scram.to_text(scram.proof(SHA, password, scram.said_by_both(first, challenge, final)))
    assert door.say(f"{final},p={proof}").error == Error.NONE
    assert door.ask(MetadataRequest([])).cluster == "primary"
    door.channel.close()
    door.ask(SaslHandshakeRequest(SHA))
    assert door.say(first).error == Error.NONE
    assert door.say(f"{final},p={proof}").error == Error.SASL_AUTHENTICATION_FAILED
    assert door.failures()[-1] == "SASL_AUTHENTICATION_FAILED"


@pytest.mark.parametrize("proof", ["p=", "p=AAAA", "x=1", "p=!", "no message"])
def test_a_proof_that_is_none(door, proof):
    door.ask(SaslHandshakeRequest(SHA))
    nonce = scram.fields(door.say("n,,n=alice,r=abc").auth_bytes.decode())["r"]
    answer = door.say(f"c=biws,r={nonce},{proof}")
    assert answer.error in (Error.SASL_AUTHENTICATION_FAILED, Error.ILLEGAL_SASL_STATE)
    with pytest.raises(Disconnected):
        door.ask(MetadataRequest([]))


def test_who_loses_his_password_stays_until_he_hangs_up(door):
    channel = Channel(door.machine, "primary/b1", Login("alice", fingerprint("wonderland"), SHA))
    door.world.finish(channel.ask(MetadataRequest([]), 5_000_000))
    door.cluster.delete_user("alice")
    door.world.finish(channel.ask(MetadataRequest([]), 5_000_000))
    channel.close()
    with pytest.raises(KafkaError):
        door.world.finish(channel.ask(MetadataRequest([]), 5_000_000))


def test_a_server_that_does_not_know_the_password_is_not_believed(door):
    """The client checks the server, too."""
    credentials = door.cluster.brokers[1].broker.image.credentials
    kept = credentials["alice", SHA]
    credentials["alice", SHA] = kept._replace(server_key=b"x" * 32)
    with pytest.raises(KafkaError, match="is it the server") as refused:
        door.log_in()
    assert refused.value.error == Error.SASL_AUTHENTICATION_FAILED


def test_a_listener_that_asks_nobody_says_so():
    world = World(seed=4)
    world.cluster("primary", brokers=1)
    machine = world.machine("primary/guest", world.place("home-a"))
    machine.start()
    channel = Channel(machine, "primary/b1", Login("alice", fingerprint("x"), SHA))
    with pytest.raises(KafkaError, match="leave sasl.username and sasl.password out") as refused:
        world.finish(channel.ask(MetadataRequest([]), 5_000_000))
    assert refused.value.error == Error.ILLEGAL_SASL_STATE
