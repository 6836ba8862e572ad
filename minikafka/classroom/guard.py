"""A learner's function on a lead: whatever it does becomes an answer or one sentence.

Promises     a function that raises, runs for ever, changes what it was given, or answers differently when asked twice
             raises `Trouble` with a sentence; the kernel never hangs on a loop written in Python, and the sentence
             stays in `trouble`.
Stands for   nothing in Kafka, where one would wait for the watchdog.
Left out     loops inside a single call of C code, such as sum(itertools.count()).
Differs      no threads and no signals: steps are counted (sys.settrace), so it works in Jupyter on every system, and
             in a browser.
"""

from __future__ import annotations

import io
import linecache
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from copy import copy
from types import FrameType
from typing import Any

from minikafka.classroom.read_only import ChangesThings, given, shown

STEPS_IN_A_CALL = 100_000
STEPS_IN_ALL = 20_000_000
ASKED_TWICE = 25
"""So many of the first calls are made twice, to see whether the answers are the same."""
PRINTED = 2_000
HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


class Trouble(Exception):
    """The function did what a rule must not do; the sentence says what."""


class _TooLong(BaseException):
    """Not an `Exception`, so that the function's own `except Exception` does not catch it."""


class Guard:
    """`Guard(function)(*arguments)`: the function's answer, or `Trouble`. `may_raise` are errors that are answers."""

    def __init__(self, function: Callable, may_raise: tuple[type[Exception], ...] = (), protect: bool = True) -> None:
        self.function = function
        self.name = getattr(function, "__name__", repr(function))
        self.may_raise = may_raise
        self.protect = protect
        self.trouble = ""
        self.calls = 0
        self.steps = 0
        self.printed = io.StringIO()

    def __call__(self, *arguments: Any) -> Any:
        """Ask the function; the arguments come to it read-only."""
        self.calls += 1
        seen = tuple(shown(argument) for argument in arguments) if self.protect else arguments
        answer = self._ask(seen)
        if self.calls <= ASKED_TWICE and not _same(answer, self._ask(seen)):
            self._fail("gives two answers when it is asked the same twice; a rule decides from its arguments alone")
        return given(answer)

    def _ask(self, arguments: tuple) -> Any:
        before = sys.gettrace()
        kept = [copy(argument) if isinstance(argument, list | dict | set) else argument for argument in arguments]
        counted = self.steps
        limit = min(counted + STEPS_IN_A_CALL, STEPS_IN_ALL)

        def steps(frame: FrameType, event: str, _: Any) -> Any:
            self.steps += 1
            if self.steps > limit:
                raise _TooLong
            return steps

        def calls(frame: FrameType, event: str, _: Any) -> Any:
            if frame.f_code.co_filename.startswith(HERE):
                return None
            frame.f_trace_opcodes = True  # lines are not enough: `while True: pass` never comes to another one
            return steps

        printed = self.printed if self.printed.tell() < PRINTED else io.StringIO()
        try:
            with redirect_stdout(printed):
                sys.settrace(calls)
                try:
                    answer = self.function(*arguments)
                finally:
                    sys.settrace(before)
            if any(type(one) in (list, dict, set) and one != other for one, other in zip(kept, arguments, strict=True)):
                raise ChangesThings("what it was given is not the same after the call")
            return answer
        except self.may_raise:
            raise
        except _TooLong:
            self._fail(f"did not come to an end: {self.steps - counted - 1:,} steps, and no answer. "
                       "Look for a loop whose condition never changes")  # fmt: skip
        except ChangesThings as reason:
            self._fail(f"changes things: {reason}")
        except RecursionError:
            self._fail("calls itself without end")
        except (Exception, SystemExit) as error:
            self._fail(f"raised {_said(error)}{_line_of(error)}", error)

    def _fail(self, what: str, error: BaseException | None = None) -> None:
        self.trouble = self.trouble or f"`{self.name}` {what}."
        raise Trouble(self.trouble) from error


def _same(one: Any, other: Any) -> bool:
    try:
        return bool(one == other) or one is other or type(one) is type(other) and repr(one) == repr(other)
    except Exception:
        return True


def _said(error: BaseException) -> str:
    what = str(error)
    return f"{type(error).__name__}: {what.rstrip('.')}" if what else type(error).__name__


def _line_of(error: BaseException) -> str:
    """Where in the learner's own code it happened."""
    found, trace = "", error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if not code.co_filename.startswith(HERE):
            text = linecache.getline(code.co_filename, trace.tb_lineno).strip()
            found = f", in its line {trace.tb_lineno - code.co_firstlineno + 1}" + (f": `{text}`" if text else "")
        trace = trace.tb_next
    return found
