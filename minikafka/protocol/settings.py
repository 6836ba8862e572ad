"""Settings: a name of Kafka's, a type, a default, bounds, and who reads it.

Promises     a `Config` holds a valid value for each setting of its table and never changes; anything else is refused
             at once with a sentence that names the setting, the value and the remedy.
Stands for   org.apache.kafka.common.config.ConfigDef and AbstractConfig.
Left out     classes, documentation groups, `${...}` from files.
Differs      an unknown setting is an error; Kafka logs a warning and goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import NamedTuple

from minikafka.protocol.errors import ConfigException
from minikafka.world.secrets import fingerprint

INT_MAX = 2**31 - 1
LONG_MAX = 2**63 - 1

Rule = Callable[["Config"], "str | None"]

_MICROSECONDS = {"ms": 1000, "seconds": 1_000_000}

INT, LONG, DOUBLE, BOOLEAN, STRING, CHOICE, LIST = "int", "long", "double", "boolean", "string", "choice", "list"
PASSWORD = "password"


class Password(str):
    """The fingerprint of a password, which is never printed."""

    def __repr__(self) -> str:
        return "[hidden]"


class Setting(NamedTuple):
    """One setting. `read_by` is the room that reads it; `least` and `most` bound a number.

    `choices` are the words allowed (or a dict: spelling -> value). A setting whose default is None may be None.
    """

    name: str
    kind: str
    default: object
    doc: str
    read_by: str
    least: float | None = None
    most: float | None = None
    choices: Mapping[str, str] | tuple[str, ...] = ()

    def parse(self, value: object) -> object:
        """The value in its own type, from what a person wrote (5 or "5", True or "true"), else ConfigException."""
        if value is None and self.default is None:
            return None
        value = _PARSERS[self.kind](self, value)
        if self.least is not None and value < self.least:
            raise self.refused(value, f"use at least {_plain(self.least)}")
        if self.most is not None and value > self.most:
            raise self.refused(value, f"use at most {_plain(self.most)}")
        return value

    def refused(self, value: object, remedy: str) -> ConfigException:
        """The exception for a value that this setting does not take."""
        shown = "[hidden]" if self.kind == PASSWORD else repr(value)
        return ConfigException(f"{self.name}={shown} is not possible; {remedy}")

    @property
    def unit(self) -> str:
        """The unit of the number, as the name tells it: "ms", "seconds", "bytes" or ""."""
        last = self.name.rsplit(".", 1)[-1]
        return last if last in ("ms", "seconds", "bytes") else ""


class Table(Mapping):
    """The settings of one kind of thing, by name.

    `rules` are checked on a whole Config: each gets it and returns a sentence if its values do not go together.
    """

    def __init__(self, thing: str, settings: list[Setting], rules: tuple[Rule, ...] = ()) -> None:
        self.thing = thing
        self.rules = rules
        self._settings = {setting.name: setting for setting in settings}
        assert len(self._settings) == len(settings), f"a setting stands twice in the table of the {thing}"
        self.defaults = {setting.name: setting.parse(setting.default) for setting in settings}
        self.microseconds = {setting.name: _MICROSECONDS[setting.unit] for setting in settings
                             if setting.unit in _MICROSECONDS}

    def __getitem__(self, name: str) -> Setting:
        try:
            return self._settings[name]
        except KeyError:
            raise self.unknown(name) from None

    def __contains__(self, name: object) -> bool:
        return name in self._settings

    def __iter__(self) -> Iterator[str]:
        return iter(self._settings)

    def __len__(self) -> int:
        return len(self._settings)

    def unknown(self, name: object) -> ConfigException:
        """The exception for a name that is not in this table, with the nearest one that is."""
        near = get_close_matches(str(name).lower().replace("_", "."), self._settings, n=1, cutoff=0.6)
        remedy = f"did you mean {near[0]}?" if near else f"known are: {', '.join(sorted(self._settings))}"
        return ConfigException(f"{name} is no setting of a {self.thing}; {remedy}")


class Config(Mapping):
    """The settings of one thing: what was written, and for the rest the default (or `fallbacks` where they name one).

    `config["linger.ms"]` is the value in Kafka's unit, `config.us("linger.ms")` in microseconds.
    """

    __slots__ = ("table", "overrides", "_values")

    def __init__(self, table: Table, overrides: Mapping | None = None, fallbacks: Mapping | None = None) -> None:
        values = dict(table.defaults)
        for name, value in (fallbacks or {}).items():
            values[name] = table[name].parse(value)
        written = {name: table[name].parse(value) for name, value in (overrides or {}).items()}
        values.update(written)
        set_once = object.__setattr__
        set_once(self, "table", table)
        set_once(self, "overrides", written)
        set_once(self, "_values", values)
        for rule in table.rules:
            complaint = rule(self)
            if complaint:
                raise ConfigException(complaint)

    def __getitem__(self, name: str) -> object:
        try:
            return self._values[name]
        except KeyError:
            raise self.table.unknown(name) from None

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Config does not change; {name} cannot be set: make a new one with with_()")

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Config({self.table.thing}, {self.overrides})"

    def us(self, name: str) -> int:
        """A setting that ends in .ms (or .seconds) as an exact number of microseconds."""
        value = self[name]
        assert name in self.table.microseconds, f"{name} is no time: only settings in ms or seconds have microseconds"
        return value * self.table.microseconds[name]

    def is_set(self, name: str) -> bool:
        """Was the setting written by somebody (even with its default value)?"""
        return self.table[name].name in self.overrides

    def with_(self, overrides: Mapping) -> Config:
        """A new Config with these overrides on top of the ones it has."""
        fallbacks = {name: value for name, value in self._values.items() if name not in self.overrides}
        return Config(self.table, {**self.overrides, **overrides}, fallbacks)


def _plain(number: float) -> str:
    return f"{number} (Long.MAX)" if number == LONG_MAX else str(number)


def _whole(setting: Setting, value: object) -> int:
    if isinstance(value, str):
        try:
            value = int(value.strip())
        except ValueError:
            pass
    if isinstance(value, bool) or not isinstance(value, int):
        unit = f" of {setting.unit}" if setting.unit else ""
        raise setting.refused(value, f"write a whole number{unit}, such as {setting.default}")
    highest = INT_MAX if setting.kind == INT else LONG_MAX
    if not -highest - 1 <= value <= highest:
        raise setting.refused(value, f"use at most {_plain(highest)}")
    return int(value)


def _real(setting: Setting, value: object) -> float:
    if isinstance(value, str):
        try:
            value = float(value.strip())
        except ValueError:
            pass
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        raise setting.refused(value, f"write a number, such as {setting.default}")
    return float(value)


def _truth(setting: Setting, value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word not in ("true", "false"):
        raise setting.refused(value, "write True or False")
    return word == "true"


def _text(setting: Setting, value: object) -> str:
    if not isinstance(value, str):
        raise setting.refused(value, "write it as text, in quotes")
    return value.strip()


def _password(setting: Setting, value: object) -> Password:
    if not isinstance(value, str) or not value:
        raise setting.refused(value, "write it as text, in quotes, with at least one character")
    return Password(fingerprint(value))


def _choice(setting: Setting, value: object) -> str:
    word = str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else None
    if word not in setting.choices:
        raise setting.refused(value, f"choose one of {', '.join(setting.choices)}")
    return setting.choices[word] if isinstance(setting.choices, Mapping) else word


def _words(setting: Setting, value: object) -> tuple[str, ...]:
    words = [word.strip() for word in value.split(",")] if isinstance(value, str) and value.strip() else value
    if not isinstance(words, (list, tuple)) or not words:
        raise setting.refused(value, f"write one or more of {', '.join(setting.choices)}, separated by commas")
    for word in words:
        if setting.choices and word not in setting.choices:
            raise setting.refused(value, f"{word!r} is none of {', '.join(setting.choices)}")
    if len(dict.fromkeys(words)) != len(words):
        raise setting.refused(value, "name each word once")
    return tuple(words)


_PARSERS: dict[str, Callable] = {
    INT: _whole, LONG: _whole, DOUBLE: _real, BOOLEAN: _truth, STRING: _text, CHOICE: _choice, LIST: _words,
    PASSWORD: _password,
}
