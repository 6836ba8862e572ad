"""Says at the end of a run how big the house is."""

from statistics import median

from house import the_house


def pytest_terminal_summary(terminalreporter):
    house = the_house()
    longest = max(house, key=lambda module: module.lines)
    lines = [module.lines for module in house]
    terminalreporter.write_line(
        f"The house: {len(house)} files, {sum(lines):,} lines, median {median(lines):.0f}, "
        f"longest {longest.lines} ({longest.path})."
    )
