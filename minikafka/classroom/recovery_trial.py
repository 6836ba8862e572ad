"""Lab 01: the learner's `cut_point` brings a log back after a stop that was not clean, and is judged.

Promises     the function gets the bytes of each segment that recovery has to scan, and answers how many of them may
             stay; the rest of the recovery is ours, and so are the other replicas.
Stands for   LogLoader.recoverSegment and LogSegment.recover.
Left out     the rebuilding of indexes: that is done afterwards, from what has stayed.
Differs      every answer is also held against `sound_size`; in a real cluster a wrong one shows months later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minikafka.classroom.swap import Stumbled, guarded, stumbled, swap
from minikafka.classroom.trial_ground import Ground
from minikafka.classroom.verdict import Counterexample, Verdict, sweep
from minikafka.log import recovery
from minikafka.log.inspect import inspect
from minikafka.log.segment import SUFFIX
from minikafka.protocol.errors import KafkaError
from minikafka.protocol.record_batch import check_crc, read_header
from minikafka.world.disk import Disk

SEEDS = range(6)
PRAISE = "What one disk had lost, the other replicas brought back."
TOPIC = {"segment.bytes": 1200, "flush.messages": 4}


def sound_size(data: bytes) -> int:
    """How many bytes from the beginning are whole batches with a right CRC."""
    position = 0
    while position < len(data):
        try:
            header = read_header(data, position)
            check_crc(data, header)
        except KafkaError:
            break
        position += header.size
    return position


def check_cut_point(mine: Callable[[bytes], int]) -> Verdict:
    """Put `mine` in the place of ours, and try it."""
    trials = (("a process crashes", crash), ("the power goes out", power_loss), ("a byte rots on the disk", bit_rot))
    return sweep(mine, ("data",), trials, SEEDS, PRAISE)


def crash(seed: int, mine: Callable) -> Counterexample | None:
    """A broker's process dies, and comes back."""
    return _down_and_up(seed, mine, "crash")


def power_loss(seed: int, mine: Callable) -> Counterexample | None:
    """A broker loses its power, and with it what was not flushed; the last write may survive in part."""
    return _down_and_up(seed, mine, "power_off")


def bit_rot(seed: int, mine: Callable) -> Counterexample | None:
    """While a broker is down, one byte of a segment changes."""
    return _down_and_up(seed, mine, "crash", damage=True)


def _down_and_up(seed: int, mine: Callable, verb: str, damage: bool = False) -> Counterexample | None:
    ground = Ground(seed, config=TOPIC)
    ground.depart(limit=40)
    ground.until(lambda: ground.leader.broker.partitions["flights", 0].log.log_end_offset >= 15 + seed)
    victim = ground.cluster.broker(1 + seed % 3)
    ground.stop(verb, victim)
    if damage:
        disk = victim.machine.disk
        path = [path for path in disk.list("flights-0/") if path.endswith(SUFFIX)][seed % 2]
        ground.world.faults.damage(victim, path, (seed * 37 + 90) % disk.size(path))
    ground.run("12s")
    try:
        with swap(recovery.load_log, in_place(mine)):
            ground.world.faults.start(victim)
    except Exception as error:
        slip = stumbled(error)
        if slip is None:
            raise
        return Counterexample(str(slip), world=ground.world, moment=ground.world.now)
    ground.run("5s")
    return ground.judge()


def in_place(mine: Callable[[bytes], int]) -> Callable:
    """A function for `PartitionLog.open` that lets `mine` cut each file first."""
    ours = recovery.load_log

    def load_log(disk: Disk, folder: str, config: Any, now_ms: int, partition: Any, recovery_point: int,
                 clean: bool, log_start: int, record: Callable) -> recovery.Loaded:  # fmt: skip
        bases = recovery.segment_bases(disk, folder)
        for base, following in zip(bases, [*bases[1:], None], strict=True):
            if clean or (following is not None and following <= recovery_point):
                continue
            if _cut(disk, f"{folder}/{base:020d}{SUFFIX}", mine):
                for later in bases[bases.index(base) + 1 :]:
                    for path in disk.list(f"{folder}/{later:020d}."):
                        disk.delete(path)
                break
        return ours(disk, folder, config, now_ms, partition, recovery_point, clean, log_start, record)

    return load_log


def _cut(disk: Disk, path: str, mine: Callable[[bytes], int]) -> bool:
    """Let `mine` say how much of the file stays, and cut it there; whether anything went."""
    data = disk.read(path)
    dump = f"the bytes of this file:\n\n{short_dump(path, data)}"
    keep, right = guarded(mine, lambda answer: _complaint(answer, data), lambda _: dump)(data), sound_size(data)
    if keep > right:
        raise Stumbled(f"{keep} bytes stay, but only the first {right} are whole batches with a right CRC, in {dump}")
    if keep < right:
        raise Stumbled(f"{keep} bytes stay, and {right - keep} bytes of sound batches are thrown away, in {dump}")
    if keep < len(data):
        disk.truncate(path, keep)
        disk.flush(path)
    return keep < len(data)


def _complaint(answer: Any, data: bytes) -> str | None:
    if answer is None:
        return "it has to return how many bytes may stay"
    if not isinstance(answer, int) or isinstance(answer, bool):
        return "that is no number of bytes"
    if not 0 <= answer <= len(data):
        return f"there are {len(data)} bytes, so from 0 to {len(data)} of them may stay"
    return None


def short_dump(path: str, data: bytes) -> str:
    """What `inspect` says of a file, with the words that matter for its recovery."""
    lines = [f"Dumping {path} ({len(data)} bytes)"]
    for line in inspect(data).splitlines():
        words = line.split()
        fields = dict(zip(words[::2], words[1::2], strict=False))
        if "baseOffset:" in fields:
            line = " ".join(f"{name} {fields[name]}" for name in FIELDS)
        lines.append(line)
    return "\n".join(lines)


FIELDS = ("baseOffset:", "lastOffset:", "position:", "size:", "crc:", "isvalid:")
"""What is told of each batch."""
