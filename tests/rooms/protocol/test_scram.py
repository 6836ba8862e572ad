"""SCRAM as RFC 5802 and RFC 7677 have it: their own example, proofs that fit and proofs that do not."""

import pytest

from minikafka.protocol import scram
from minikafka.protocol.errors import Error, KafkaError

SHA = "SCRAM-SHA-256"
SALT = scram.from_text("W22ZaJ0SNY7soEsUEjb6gQ==")
FIRST = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
CHALLENGE = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
FINAL = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
SAID = scram.said_by_both(FIRST, CHALLENGE, f"{FINAL},p=anything")


def test_the_example_of_rfc_7677():
    password = scram.salted(SHA, "pencil", SALT, 4096)
    assert scram.to_text(scram.proof(SHA, password, SAID)) == "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    signature = scram.server_signature(SHA, scram.server_key(SHA, password), SAID)
    assert scram.to_text(signature) == "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


@pytest.mark.parametrize("mechanism", scram.HASHES)
def test_what_is_stored_checks_a_proof_and_cannot_make_one(mechanism):
    password = scram.salted(mechanism, "pencil", SALT, 4096)
    kept = scram.credential(mechanism, password, SALT, 4096)
    proof = scram.proof(mechanism, password, SAID)
    assert scram.is_proved(mechanism, kept, SAID, proof)
    assert not scram.is_proved(mechanism, kept, SAID + "x", proof)
    assert not scram.is_proved(mechanism, kept, SAID, proof[:-1])
    assert not scram.is_proved(mechanism, kept, SAID, scram.proof(mechanism, kept.stored_key, SAID))
    wrong = scram.salted(mechanism, "pen", SALT, 4096)
    assert not scram.is_proved(mechanism, kept, SAID, scram.proof(mechanism, wrong, SAID))


@pytest.mark.parametrize("message", ["", "hello", "n,,n", "r=1,=2"])
def test_what_is_no_message_is_refused(message):
    with pytest.raises(KafkaError) as refused:
        scram.fields(message)
    assert refused.value.error == Error.ILLEGAL_SASL_STATE
    assert "RFC 5802" in str(refused.value)


def test_what_is_no_base64_is_refused():
    with pytest.raises(KafkaError, match="base64"):
        scram.from_text("no base64!")
