"""The command line: `minikafka demo`, `minikafka story FILE`, `minikafka storm --seeds N`.

Promises     what it prints is the same for the same arguments; colours only on a terminal; the exit code is 0 only if
             all went well; a mistake in the arguments gets a sentence.
Stands for   kafka's bin/ folder, for a world that fits into one process.
Left out     -
Differs      -
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from minikafka.storm.options import OPTIONS, how_often
from minikafka.story.commands import COMMANDS, command_help
from minikafka.story.demo import told_demo
from minikafka.story.teller import tell_file
from minikafka.story.transcript import NotAStory, Step, differences, lines_of, title, write_story

STORIES = Path("tests/stories")
BOLD, DIM, RED, GREEN, BLUE, PLAIN = "\033[1m", "\033[2m", "\033[31m", "\033[32m", "\033[34m", "\033[0m"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    parsed = _parser().parse_args(arguments)
    try:
        return parsed.run(parsed)
    except BrokenPipeError:
        # Whoever reads our output has seen enough (`| head`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def demo(parsed: argparse.Namespace) -> int:
    """Tell how the flights live through a leader's death."""
    _print_story(told_demo(), _colour_wanted(parsed))
    return 0


def story(parsed: argparse.Namespace) -> int:
    """Run stories and show where they went differently; `--rewrite` puts down what happened."""
    if parsed.commands:
        print("\n".join(command_help()))
        return 0
    files = [_story_file(name) for name in parsed.files] or sorted(STORIES.glob("*.txt"))
    missing = [str(path) for path in files if not path.is_file()]
    if missing or not files:
        what = ", ".join(missing) or str(STORIES)
        print(f"no such story: {what}: name a file, or one of those in {STORIES}", file=sys.stderr)
        return 2
    if parsed.list:
        print("\n".join(f"{path.stem:<34}{title(path.read_text(encoding='utf-8'))}" for path in files))
        return 0
    try:
        return max(_one_story(path, parsed, alone=len(files) == 1) for path in files)
    except NotAStory as mistake:
        print(mistake, file=sys.stderr)
        return 2


def _one_story(path: Path, parsed: argparse.Namespace, alone: bool) -> int:
    """Tell one story; 1 if it went differently and was not rewritten."""
    expected = path.read_text(encoding="utf-8")
    told, _ = tell_file(path, COMMANDS)
    text = write_story(told)
    if text == expected:
        if alone and not parsed.rewrite:
            _print_story(told, _colour_wanted(parsed))
        else:
            print(f"{path}: as told")
        return 0
    if parsed.rewrite:
        path.write_text(text, encoding="utf-8")
        print(f"rewrote {path}")
        return 0
    print(differences(expected, text, str(path)))
    return 1


def storm(parsed: argparse.Namespace) -> int:
    """Run seeded storms; a failure is shrunk and shown with the command that replays it."""
    # Here and not above: a story should not have to wait for the storm's rooms.
    from minikafka.storm.schedule import FAULTS
    from minikafka.storm.shrink import shrink
    from minikafka.storm.sweep import sweep

    faults = tuple(parsed.faults.split(",")) if parsed.faults else None
    unknown = [fault for fault in faults or () if fault not in FAULTS]
    if unknown:
        print(f"{', '.join(unknown)}: not a fault; take some of {','.join(FAULTS)}", file=sys.stderr)
        return 2
    seeds = range(parsed.first_seed, parsed.first_seed + parsed.seeds)
    said = {name: getattr(parsed, name) for name in OPTIONS if getattr(parsed, name) is not None}
    processes = min(parsed.processes or os.cpu_count() or 1, len(seeds))
    failed = []
    for result in _with_progress(sweep(seeds, processes, faults, **said), len(seeds)):
        if not result.ok:
            failed.append(result)
            if len(failed) >= parsed.stop_after:
                break
    for result in failed:
        print(f"seed {result.seed}: {result.sentence}")
        print(f"  again:    {result.replay_command}")
        print("  shortest schedule that still fails:")
        for line in shrink(result).lines():
            print(f"    {line}")
    if not failed:
        print(f"{parsed.seeds} storms from seed {parsed.first_seed} on: no law broken, nothing lost")
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="minikafka", description="A mini-Kafka that can be run, broken and replayed.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    one = commands.add_parser("demo", help="the flights live through a leader's death")
    one.add_argument("--no-color", action="store_true", help="no colours, not even on a terminal")
    one.set_defaults(run=demo)
    one = commands.add_parser("story", help="run transcripts and show where they went differently")
    one.add_argument("files", nargs="*", metavar="FILE", help=f"a story's file or name (default: all in {STORIES})")
    one.add_argument("--rewrite", action="store_true", help="write down what happened now")
    one.add_argument("--list", action="store_true", help="only the stories' names and what they are about")
    one.add_argument("--commands", action="store_true", help="what a story can say, and what it can wait for")
    one.add_argument("--no-color", action="store_true", help="no colours, not even on a terminal")
    one.set_defaults(run=story)
    one = commands.add_parser("storm", help="run seeded storms of faults against all laws")
    one.add_argument("--seeds", type=_at_least_one, default=100, metavar="N", help="how many (100)")
    one.add_argument("--first-seed", type=int, default=0, metavar="K", help="the first seed (0)")
    one.add_argument("--faults", default="", metavar="LIST", help="only these kinds of faults, with commas between")
    for option, what in OPTIONS.items():
        text = f"with {what}, or without ({how_often(option)})"
        one.add_argument(f"--{option}", action=argparse.BooleanOptionalAction, help=text)
    one.add_argument("--processes", type=_at_least_one, metavar="N", help="at once (as many as there are processors)")
    one.add_argument("--stop-after", type=_at_least_one, default=3, metavar="N", help="stop after so many failures (3)")
    one.set_defaults(run=storm)
    return parser


def _story_file(name: str) -> Path:
    path = Path(name)
    return path if path.suffix else STORIES / f"{name}.txt"


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not possible: give a whole number from 1 on")
    return int(text)


def _with_progress(results: Iterable[Any], total: int) -> Iterable[Any]:
    """A progress bar on a terminal, if tqdm is installed (the labs bring it)."""
    try:
        from tqdm import tqdm
    except ImportError:
        return results
    return tqdm(results, total=total, unit=" storms", disable=not sys.stderr.isatty())


def _colour_wanted(parsed: argparse.Namespace) -> bool:
    return sys.stdout.isatty() and not parsed.no_color and not os.environ.get("NO_COLOR")


def _print_story(steps: list[Step], colour: bool) -> None:
    for step in steps:
        for line in lines_of(step):
            print(coloured(line) if colour else line)


def coloured(line: str) -> str:
    """A line of a story as a terminal shows it: prose bold, commands blue, what breaks red, what holds green."""
    if line.startswith("#"):
        return f"{BOLD}{line}{PLAIN}"
    if line.startswith("> "):
        return f"{BLUE}{line}{PLAIN}"
    time, text = (line[:12], line[12:]) if line.startswith("T+") else ("", line)
    if text.startswith(("LAW BROKEN", "error")) or any(word in text for word in ("crashed", "lost power", "LOST")):
        text = f"{RED}{text}{PLAIN}" if not text.rstrip().endswith(" 0") else text
    elif ": acknowledged" in text or "became leader" in text or "were acknowledged" in text:
        text = f"{GREEN}{text}{PLAIN}"
    return f"{DIM}{time}{PLAIN}{text}" if time else text


if __name__ == "__main__":
    sys.exit(main())
