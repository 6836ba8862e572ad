"""Nothing in vain: every class of event is emitted by some story."""

import importlib
import inspect

from house import ROOT, the_house
from listing import exceptions

RULE = "event_is_told"
WORLD = ("world.happenings", "world.disk")


def event_classes():
    """{name: module} of all event classes: named tuples with a sentence."""
    modules = [module.name for module in the_house() if module.floor == "events" and not module.is_init]
    found = {}
    for name in (*modules, *WORLD):
        module = importlib.import_module(f"minikafka.{name}")
        for kind in vars(module).values():
            is_event = inspect.isclass(kind) and issubclass(kind, tuple) and hasattr(kind, "sentence")
            if is_event and kind.__module__ == module.__name__:
                found[kind.__name__] = name
    return found


def test_there_are_events_on_every_page():
    pages = set(event_classes().values())
    assert {"events.clients", "events.governance", "events.replication", "events.storage", *WORLD} <= pages


def test_every_event_is_emitted_by_some_story(story):
    seen = set()
    for path in sorted((ROOT / "tests/stories").glob("*.txt")):
        seen.update(story(path.stem).teller.seen)
    excepted = exceptions()
    untold = [f"{kind} ({page})" for kind, page in event_classes().items() if kind not in seen]
    missing = [what for what in untold if (RULE, what.split()[0]) not in excepted]
    assert not missing, f"no story in tests/stories emits {', '.join(missing)}: write one"
    idle = [kind for rule, kind in excepted if rule == RULE and kind in seen]
    assert not idle, f"take {idle} out of tests/house/exceptions.toml: a story emits them now"
