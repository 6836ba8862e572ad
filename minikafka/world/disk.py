"""A machine's disk: files whose written bytes are not yet safe.

Promises     a process crash keeps every byte that was written; a power loss keeps only what was flushed.
             Of the first write after a flush a torn beginning may survive, as on a real disk.
Stands for   the file system and its page cache below Kafka's `FileChannel`s.
Left out     capacity, slow or failing devices, directories as objects of their own.
Differs      a power loss loses all that was not flushed: the worst case a real one allows.
             Deleting and renaming are durable at once; a new file's name is durable with its first flush.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NamedTuple


class DiskError(Exception):
    """A file that is not there, or a position outside it."""


class UnflushedBytesLost(NamedTuple):
    """A power loss took back what had been written but not flushed."""

    files: int
    size: int
    torn: int

    def sentence(self) -> str:
        """The loss in one sentence."""
        torn = f"; {self.torn} file(s) ended in a torn write" if self.torn else ""
        return f"the power loss forgot {self.size} unflushed bytes of {self.files} file(s){torn}"


class ByteDamaged(NamedTuple):
    """One byte of a file was flipped by fault injection."""

    path: str
    position: int

    def sentence(self) -> str:
        """The damage in one sentence."""
        return f"the byte at position {self.position} of {self.path} was damaged"


class StoredFile:
    """The bytes of one file, and how many of them a power loss leaves."""

    __slots__ = ("data", "named", "flushed", "first_write_end", "replaced", "stable")

    def __init__(self) -> None:
        self.data = bytearray()
        self.named = False  # is at least the name durable?
        self.flushed = 0  # bytes that are durable
        self.first_write_end = 0  # where the first unflushed append ends: it may survive torn
        self.replaced = False  # rewritten whole since the last flush: nothing to tear
        self.stable: bytes | None = None  # durable content, while it is not a beginning of `data`

    def flush(self) -> None:
        """Make all of it durable."""
        self.named, self.replaced = True, False
        self.flushed = self.first_write_end = len(self.data)
        self.stable = None

    def keep_stable(self) -> None:
        """Remember the durable content before `data` stops beginning with it."""
        if self.stable is None and self.named:
            self.stable = bytes(self.data[: self.flushed])

    def survivor(self, dice: Random | None) -> bytes | None:
        """What a power loss leaves: None if not even the name. Without dice nothing unflushed survives."""
        if self.stable is not None:
            return self.stable
        keep = self.flushed
        if dice is not None and not self.replaced and self.first_write_end > keep and dice.random() < 0.5:
            keep = dice.randrange(keep, self.first_write_end)
        return bytes(self.data[:keep]) if self.named or keep else None


class Disk:
    """The files of one machine by path. Every call is instantaneous; `flush` alone makes bytes durable."""

    def __init__(self, record: Callable[[object], object] | None = None, folder: Path | None = None) -> None:
        self._record = record
        self._folder = folder
        self._files: dict[str, StoredFile] = {}
        self._paths: list[str] = []  # sorted, so that listing a folder costs what the folder holds

    def append(self, path: str, data: bytes) -> None:
        """Write at the end; the file is created if it is not there. Not durable before `flush`."""
        file = self._files.get(path) or self._create(path)
        content = file.data
        content += data
        if file.first_write_end <= file.flushed:
            file.first_write_end = len(content)
        if self._folder is not None:
            with (self._folder / path).open("ab") as real:
                real.write(data)

    def read(self, path: str, start: int = 0, size: int | None = None) -> bytes:
        """`size` bytes from `start` (to the end if None); fewer if the file is shorter. DiskError without the file."""
        file = self._files.get(path)
        if file is None:
            raise self._missing(path)
        if size is None:
            return bytes(file.data[start:])
        return bytes(memoryview(file.data)[start : start + size])

    def write(self, path: str, data: bytes) -> None:
        """Replace the whole file at once. Until `flush` a power loss brings the old content back."""
        file = self._files.get(path) or self._create(path)
        file.keep_stable()
        file.data = bytearray(data)
        file.replaced = bool(data) or file.named
        self._copy_out(path)

    def truncate(self, path: str, size: int) -> None:
        """Cut the file to `size` bytes. Until `flush` a power loss brings the flushed part of the tail back."""
        file = self._file(path)
        if not 0 <= size <= len(file.data):
            raise DiskError(f"{path} cannot be cut to {size} bytes: it has {len(file.data)}; cut within these")
        if size < file.flushed:
            file.keep_stable()
        del file.data[size:]
        file.first_write_end = min(file.first_write_end, size)
        self._copy_out(path)

    def delete(self, path: str) -> None:
        """Remove the file, durably. DiskError without the file."""
        self._file(path)
        del self._files[path]
        del self._paths[bisect_left(self._paths, path)]
        if self._folder is not None:
            (self._folder / path).unlink()

    def rename(self, old: str, new: str) -> None:
        """Give a file another path, durably and at once; a file already there is replaced."""
        file = self._file(old)
        self.delete(old)
        if new not in self._files:
            insort(self._paths, new)
        self._files[new] = file
        self._copy_out(new)

    def exists(self, path: str) -> bool:
        """Is there such a file?"""
        return path in self._files

    def size(self, path: str) -> int:
        """Bytes written to the file, flushed or not. DiskError without the file."""
        return len(self._file(path).data)

    def flushed_size(self, path: str) -> int:
        """Bytes a power loss would leave for certain. DiskError without the file."""
        file = self._file(path)
        return len(file.stable) if file.stable is not None else file.flushed

    def list(self, prefix: str = "") -> list[str]:
        """The paths that begin with `prefix`, sorted."""
        first = bisect_left(self._paths, prefix)
        last = first
        while last < len(self._paths) and self._paths[last].startswith(prefix):
            last += 1
        return self._paths[first:last]

    def flush(self, path: str | None = None) -> None:
        """Make one file durable, or all of them."""
        if path is not None:
            self._file(path).flush()
            return
        for file in self._files.values():
            file.flush()

    def lose_power(self, dice: Random | None = None) -> None:
        """Take every file back to what was flushed; with `dice` a torn beginning of the next write may survive."""
        files = size = torn = 0
        for path in list(self._paths):
            file = self._files[path]
            left = file.survivor(dice)
            if left is None or len(left) < len(file.data):
                files += 1
                size += len(file.data) - len(left or b"")
                torn += left is not None and file.stable is None and len(left) > file.flushed
            if left is None:
                self.delete(path)
            elif left != file.data:
                file.data = bytearray(left)
                self._copy_out(path)
            file.flush()
        if self._record is not None:
            self._record(UnflushedBytesLost(files, size, torn))

    def corrupt(self, path: str, position: int) -> None:
        """Flip every bit of one byte, durably (fault injection: the disk forgot, or lied)."""
        file = self._file(path)
        if not 0 <= position < len(file.data):
            raise DiskError(f"{path} has {len(file.data)} bytes, so there is no byte {position} to damage")
        file.data[position] ^= 0xFF
        if file.stable is not None and position < len(file.stable):
            stable = bytearray(file.stable)
            stable[position] ^= 0xFF
            file.stable = bytes(stable)
        self._copy_out(path)
        if self._record is not None:
            self._record(ByteDamaged(path, position))

    def _create(self, path: str) -> StoredFile:
        if not path or path.startswith("/") or ".." in path.split("/"):
            raise DiskError(f"{path!r} is no path on this disk; use names below its root, such as 'flights-0/x.log'")
        file = self._files[path] = StoredFile()
        insort(self._paths, path)
        if self._folder is not None:
            (self._folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self._folder / path).write_bytes(b"")
        return file

    def _file(self, path: str) -> StoredFile:
        file = self._files.get(path)
        if file is None:
            raise self._missing(path)
        return file

    def _missing(self, path: str) -> DiskError:
        folder = path.rpartition("/")[0]
        beside = ", ".join(self.list(folder + "/" if folder else "")[:5]) or "nothing"
        return DiskError(f"there is no file {path} on this disk; beside it there is {beside}")

    def _copy_out(self, path: str) -> None:
        if self._folder is not None:
            (self._folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self._folder / path).write_bytes(self._files[path].data)
