"""Nothing comes in past the guards: every request has a row that says which right it needs."""

from minikafka.broker.permissions import PERMISSIONS
from minikafka.controller.controller_desk import AT_THE_CONTROLLER
from minikafka.protocol.message import REQUESTS


def test_every_request_has_a_row():
    rows = {**PERMISSIONS, **AT_THE_CONTROLLER}
    missing = [kind.__name__ for kind in REQUESTS.values() if kind not in rows]
    assert not missing, (
        f"{', '.join(missing)}: which right does it need? Add a row to PERMISSIONS in broker/permissions.py (asked by "
        "clients), or to AT_THE_CONTROLLER in controller/controller_desk.py (asked by servers)")  # fmt: skip


def test_no_request_has_two_rows_and_no_row_is_idle():
    assert not set(PERMISSIONS) & set(AT_THE_CONTROLLER)
    assert {*PERMISSIONS, *AT_THE_CONTROLLER} == set(REQUESTS.values())


def test_only_what_is_looked_at_elsewhere_has_an_empty_row():
    """A fetch is looked at where it reads; who authenticates has no rights yet."""
    empty = {kind.__name__ for kind, guards in PERMISSIONS.items() if not guards}
    assert empty == {"FetchRequest", "SaslHandshakeRequest", "SaslAuthenticateRequest"}
