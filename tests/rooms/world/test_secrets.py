"""Passwords stay outside: what passes the front door is a fingerprint."""

from minikafka.world.secrets import fingerprint, hushed, is_secret


def test_a_fingerprint_is_its_own_and_always_the_same():
    once = fingerprint("wonderland")
    assert fingerprint(once) == once != fingerprint("wonderland ")
    assert "wonderland" not in once


def test_what_is_called_password_is_hushed_wherever_it_stands():
    assert is_secret("password") and is_secret("sasl.password")
    assert not is_secret("passwords") and not is_secret(3)
    config = {"acks": "all", "sasl.password": "tea", "inner": {"ssl.key.password": "cup"}}
    told = hushed(config)
    assert told == {"acks": "all", "sasl.password": fingerprint("tea"),
                    "inner": {"ssl.key.password": fingerprint("cup")}}  # fmt: skip
    assert config["sasl.password"] == "tea"
    assert hushed(7, "password") == 7
    plain = {"acks": "all"}
    assert hushed(plain) is plain
