"""Many storms, on all processors.

Promises     the results of the seeds in their order, each as `run` gives it alone, one after the other as they come;
             whoever stops asking waits for the storms that are under way, and for no more.
Stands for   the farm of machines on which FoundationDB and TigerBeetle look for seeds that fail.
Left out     other machines.
Differs      with one process the storms blow in this one, one by one: a mistake that was built in for a test (a mutant)
             is known only here.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from minikafka.storm.storm import StormResult, run

AHEAD = 2
"""So many storms are begun, for each process, before the first of them has been taken."""


def sweep(
    seeds: Iterable[int], processes: int | None = None, faults: Iterable[str] | None = None, **options: bool
) -> Iterator[StormResult]:
    """The storms of these seeds; `processes` are as many as there are processors, unless it is said."""
    count = os.cpu_count() or 1 if processes is None else processes
    if count < 1:
        raise ValueError(f"processes={count}: at least one process has to do the work")
    storm = partial(run, faults=faults, **options)
    return map(storm, seeds) if count == 1 else _over(count, storm, seeds)


def _over(count: int, storm: partial, seeds: Iterable[int]) -> Iterator[StormResult]:
    # A terminal's Ctrl-C reaches every process; this one decides for all.
    with ProcessPoolExecutor(count, get_context("spawn"), signal.signal, (signal.SIGINT, signal.SIG_IGN)) as pool:
        under_way: deque = deque()
        for seed in seeds:
            under_way.append(pool.submit(storm, seed))
            if len(under_way) == AHEAD * count:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
