"""The mechanism of settings: what is taken, what is refused, and that a Config never changes."""

import pytest

from minikafka.protocol.errors import ConfigException, Error
from minikafka.protocol.settings import (
    BOOLEAN,
    CHOICE,
    DOUBLE,
    INT,
    INT_MAX,
    LIST,
    LONG,
    LONG_MAX,
    STRING,
    Config,
    Setting,
    Table,
)

KITCHEN = Table("kitchen", [
    Setting("oven.wait.ms", INT, 500, "How long to wait.", "oven", 0, 60_000),
    Setting("shop.check.interval.seconds", LONG, 300, "How often to look.", "shop", 1),
    Setting("store.bytes", LONG, LONG_MAX, "How much to keep.", "store", -1),
    Setting("fan.enable", BOOLEAN, True, "Air.", "oven"),
    Setting("salt.ratio", DOUBLE, 0.5, "Taste.", "pot", 0, 1),
    Setting("cook", STRING, None, "Who.", "pot"),
    Setting("heat", CHOICE, "high", "How hot.", "oven",
            choices={"high": "high", "3": "high", "low": "low", "1": "low"}),
    Setting("meals", LIST, "lunch", "Which.", "pot", choices=("lunch", "dinner")),
], rules=(lambda config: "fan.enable=False burns it; use heat=low" if not config["fan.enable"]
          and config["heat"] == "high" else None,))


def test_defaults_hold_until_something_is_written():
    config = Config(KITCHEN)
    assert dict(config) == {"oven.wait.ms": 500, "shop.check.interval.seconds": 300, "store.bytes": 2**63 - 1,
                            "fan.enable": True, "salt.ratio": 0.5, "cook": None, "heat": "high", "meals": ("lunch",)}
    assert not config.is_set("oven.wait.ms")


@pytest.mark.parametrize("name, written, value", [
    ("oven.wait.ms", 7, 7), ("oven.wait.ms", " 7 ", 7), ("oven.wait.ms", 60_000, 60_000),
    ("store.bytes", "-1", -1), ("store.bytes", LONG_MAX, LONG_MAX),
    ("fan.enable", "TRUE", True), ("fan.enable", True, True),
    ("salt.ratio", "0.25", 0.25), ("salt.ratio", 1, 1.0),
    ("cook", " Ada ", "Ada"), ("cook", None, None),
    ("heat", "1", "low"), ("heat", 1, "low"), ("heat", 3, "high"),
    ("meals", "lunch, dinner", ("lunch", "dinner")), ("meals", ["dinner"], ("dinner",)),
])
def test_what_is_written_becomes_the_settings_own_type(name, written, value):
    config = Config(KITCHEN, {name: written})
    assert config[name] == value
    assert type(config[name]) is type(value)
    assert config.is_set(name)


@pytest.mark.parametrize("name, written, remedy", [
    ("oven.wait.ms", "5s", "write a whole number of ms, such as 500"),
    ("oven.wait.ms", 1.5, "write a whole number of ms"),
    ("oven.wait.ms", True, "write a whole number of ms"),
    ("oven.wait.ms", None, "write a whole number of ms"),
    ("oven.wait.ms", [], "write a whole number of ms"),
    ("oven.wait.ms", -1, "use at least 0"),
    ("oven.wait.ms", 60_001, "use at most 60000"),
    ("oven.wait.ms", INT_MAX + 1, "use at most 2147483647"),
    ("store.bytes", LONG_MAX + 1, "use at most 9223372036854775807 (Long.MAX)"),
    ("store.bytes", -2, "use at least -1"),
    ("shop.check.interval.seconds", 0, "use at least 1"),
    ("fan.enable", "yes", "write True or False"),
    ("fan.enable", 1, "write True or False"),
    ("salt.ratio", "much", "write a number, such as 0.5"),
    ("salt.ratio", float("nan"), "write a number"),
    ("salt.ratio", 1.01, "use at most 1"),
    ("cook", 7, "write it as text"),
    ("heat", "medium", "choose one of high, 3, low, 1"),
    ("heat", True, "choose one of"),
    ("meals", "supper", "'supper' is none of lunch, dinner"),
    ("meals", "", "write one or more of lunch, dinner"),
    ("meals", ["lunch", "lunch"], "name each word once"),
    ("meals", [["lunch"]], "is none of lunch, dinner"),
])
def test_what_does_not_fit_is_refused_with_name_value_and_remedy(name, written, remedy):
    before = Config(KITCHEN)
    with pytest.raises(ConfigException) as refusal:
        before.with_({name: written})
    assert refusal.value.error is Error.INVALID_CONFIG
    sentence = str(refusal.value)
    assert sentence.startswith(f"INVALID_CONFIG [40]: {name}={written!r}")
    assert remedy in sentence
    assert before == Config(KITCHEN)


@pytest.mark.parametrize("name, remedy", [
    ("oven.wait", "did you mean oven.wait.ms?"),
    ("Fan.Enable", "did you mean fan.enable?"),
    ("fan_enable", "did you mean fan.enable?"),
    ("zzz", "known are: cook, fan.enable, heat"),
    (5, "known are: cook"),
])
def test_an_unknown_setting_is_refused_with_the_nearest_known_one(name, remedy):
    for attempt in (lambda: Config(KITCHEN, {name: 1}), lambda: Config(KITCHEN)[name], lambda: Config(KITCHEN).us(name),
                    lambda: Config(KITCHEN).is_set(name), lambda: Config(KITCHEN).get(name, 1)):
        with pytest.raises(ConfigException) as refusal:
            attempt()
        assert f"{name} is no setting of a kitchen" in str(refusal.value)
        assert remedy in str(refusal.value)


def test_times_are_exact_microseconds():
    config = Config(KITCHEN, {"oven.wait.ms": 3})
    assert config.us("oven.wait.ms") == 3000
    assert config.us("shop.check.interval.seconds") == 300_000_000
    with pytest.raises(AssertionError, match="store.bytes is no time"):
        config.us("store.bytes")


def test_the_longest_time_keeps_its_exact_value():
    forever = Table("dog", [Setting("wait.ms", LONG, LONG_MAX, "For ever.", "dog")])
    assert Config(forever).us("wait.ms") == (2**63 - 1) * 1000


def test_a_config_does_not_change():
    overrides = {"oven.wait.ms": 3}
    config = Config(KITCHEN, overrides)
    overrides["oven.wait.ms"] = 4
    assert config["oven.wait.ms"] == 3
    with pytest.raises(TypeError):
        config["oven.wait.ms"] = 4
    with pytest.raises(AttributeError, match="does not change"):
        config.table = None


def test_with_adds_to_what_was_written():
    first = Config(KITCHEN, {"oven.wait.ms": 3, "cook": "Ada"}, fallbacks={"salt.ratio": 0.1})
    second = first.with_({"cook": "Bo"})
    assert (first["cook"], second["cook"], second["oven.wait.ms"], second["salt.ratio"]) == ("Ada", "Bo", 3, 0.1)
    assert second.overrides == {"oven.wait.ms": 3, "cook": "Bo"}
    assert not second.is_set("salt.ratio")


def test_a_rule_between_settings_is_checked():
    with pytest.raises(ConfigException, match="fan.enable=False burns it; use heat=low"):
        Config(KITCHEN, {"fan.enable": False})
    assert Config(KITCHEN, {"fan.enable": False, "heat": "low"})["heat"] == "low"


def test_a_table_refuses_the_same_name_twice():
    one = Setting("a", INT, 1, "One.", "x")
    with pytest.raises(AssertionError, match="stands twice"):
        Table("thing", [one, one])
