"""Every rule of the house holds, but for the exceptions on the list, and every exception is still needed."""

import conduct
import order
import pytest
import shape
import usage
from house import the_house
from listing import exceptions

RULES = {rule.__name__: rule for rule in (*shape.RULES, *conduct.RULES, *order.RULES, *usage.RULES)}


@pytest.mark.parametrize("rule", RULES)
def test_rule(rule):
    excepted = exceptions()
    broken = [f"{what}: {complaint}" for what, complaint in RULES[rule](the_house()) if (rule, what) not in excepted]
    assert not broken, "\n".join([f"{rule}: {RULES[rule].__doc__.splitlines()[0]}", *broken])


def test_every_exception_is_still_needed():
    broken = {(name, what) for name, rule in RULES.items() for what, _ in rule(the_house())}
    idle = [entry for entry in exceptions() if entry not in broken]
    assert not idle, f"take these out of tests/house/exceptions.toml, they hold now: {idle}"


def test_every_exception_has_a_reason():
    assert all(len(reason.split()) > 3 for reason in exceptions().values())
