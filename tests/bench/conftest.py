"""Benches are ratios: each measures something of ours and a named floor in the same run; a table compares them."""

import pytest

RATIOS: list[tuple[str, str, str, str]] = []
CURVES: list[str] = []


@pytest.fixture
def ratio():
    """`ratio(what, floor, value, target)`: one line of the closing table."""

    def note(what: str, floor: str, value: float, target: str) -> None:
        RATIOS.append((what, floor, f"{value:,.2f}", target))

    return note


@pytest.fixture
def curve():
    """`curve(title, unit, points)`: a bar chart in the closing table, points as (label, value)."""

    def note(title: str, unit: str, points: list[tuple[str, float]]) -> None:
        most = max(value for _, value in points)
        CURVES.append(title)
        for label, value in points:
            CURVES.append(f"  {label:>16}  {value:8.2f} {unit}  {'#' * max(1, round(40 * value / most))}")

    return note


def pytest_terminal_summary(terminalreporter):
    if RATIOS:
        terminalreporter.section("ratios (ours against a floor measured in the same run)")
        for what, floor, value, target in RATIOS:
            terminalreporter.write_line(f"{what:<44} {value:>10} times {floor:<40} target: {target}")
    for line in CURVES:
        terminalreporter.write_line(line)
