"""The command line."""

import pytest

from minikafka import cli
from minikafka.cli import coloured, main

STORY = "# Somebody dies.\n> world seed=7\n> cluster primary brokers=1\n> crash b1\n"


@pytest.fixture
def stories(tmp_path, monkeypatch):
    """An empty folder for stories."""
    monkeypatch.setattr(cli, "STORIES", tmp_path)
    return tmp_path


def test_the_demo_is_plain_when_nobody_is_at_a_terminal(capsys):
    assert main(["demo"]) == 0
    told = capsys.readouterr().out
    assert "\033" not in told and told.startswith("# The day before Thanksgiving")
    assert "b2: became leader of flights-0 for epoch 1" in told


@pytest.mark.parametrize(
    ("arguments", "variables", "colours"),
    [(["demo"], {}, True), (["demo", "--no-color"], {}, False), (["demo"], {"NO_COLOR": "1"}, False)],
)
def test_the_demo_has_colours_on_a_terminal(capsys, monkeypatch, arguments, variables, colours):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert main(arguments) == 0
    assert ("\033[" in capsys.readouterr().out) is colours


@pytest.mark.parametrize(
    ("line", "colour"),
    [
        ("# Prose.", cli.BOLD),
        ("> crash b1", cli.BLUE),
        ("LAW BROKEN  high watermark never falls: it fell", cli.RED),
        ("error: no", cli.RED),
        ("T+0.500 s  b1: crashed; what was written is still in the page cache", cli.RED),
        ("LOST: acknowledged, and not there     2", cli.RED),
        ("LOST: acknowledged, and not there     0", ""),
        ("T+0.500 s  b2: became leader of flights-0 for epoch 1", cli.GREEN),
        ("T+0.500 s  b1: started (life 2)", ""),
        ("b1 leader e0 |m1/e0 | HW 1, end 1", ""),
    ],
)
def test_colours_say_what_kind_of_line_it_is(line, colour):
    told = coloured(line)
    for code in (cli.BOLD, cli.BLUE, cli.RED, cli.GREEN):
        assert (code in told) is (code == colour)
    for code in (cli.BOLD, cli.BLUE, cli.RED, cli.GREEN, cli.DIM, cli.PLAIN):
        told = told.replace(code, "")
    assert told == line


def test_a_story_that_went_differently_is_shown_as_a_diff(stories, capsys):
    (stories / "death.txt").write_text(STORY)
    assert main(["story", "death"]) == 1
    told = capsys.readouterr().out
    assert f"--- {stories / 'death.txt'}" in told and "s  b1: crashed" in told
    assert (stories / "death.txt").read_text() == STORY


def test_rewriting_puts_down_what_happened_and_then_it_is_as_told(stories, capsys):
    path = stories / "death.txt"
    path.write_text(STORY)
    assert main(["story", "--rewrite"]) == 0
    assert capsys.readouterr().out == f"rewrote {path}\n"
    text = path.read_text()
    assert text.startswith(STORY) and "b1: crashed" in text
    assert main(["story", "--rewrite", "death"]) == 0
    assert capsys.readouterr().out == f"{path}: as told\n"
    assert main(["story", str(path)]) == 0
    assert capsys.readouterr().out == text


def test_several_stories_are_one_line_each(stories, capsys):
    (stories / "a.txt").write_text("# Nothing.\n")
    (stories / "b.txt").write_text(STORY)
    assert main(["story"]) == 1
    told = capsys.readouterr().out
    assert told.splitlines()[0] == f"{stories / 'a.txt'}: as told" and "+++" in told


def test_the_list_says_what_each_story_is_about(stories, capsys):
    (stories / "death.txt").write_text(STORY)
    assert main(["story", "--list"]) == 0
    assert capsys.readouterr().out.split(maxsplit=1) == ["death", "Somebody dies.\n"]


def test_the_words_of_a_story_are_listed(capsys):
    assert main(["story", "--commands"]) == 0
    told = capsys.readouterr().out
    assert "`crash MACHINE`: Kill a process" in told and "`acked p 2`: so many of its records" in told


def test_a_story_that_is_not_there_is_named(stories, capsys):
    assert main(["story", "life"]) == 2
    told = capsys.readouterr().err
    assert told == f"no such story: {stories / 'life.txt'}: name a file, or one of those in {stories}\n"
    assert main(["story"]) == 2


def test_a_text_that_is_no_story_gets_a_sentence(stories, capsys):
    (stories / "letter.txt").write_text("Dear Kafka,\n")
    assert main(["story", "letter"]) == 2
    assert "line 1, 'Dear Kafka,', stands beneath no command" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["drill"], ["demo", "--loud"], ["storm", "--seeds", "many"],
                                       ["storm", "--seeds", "0"], ["storm", "--processes", "-1"]])  # fmt: skip
def test_arguments_that_make_no_sense_are_refused(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2 and "usage: minikafka" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--seeds", "--processes", "--stop-after"])
@pytest.mark.parametrize("number", ["0", "-3", "many", "1.5"])
def test_a_number_that_cannot_be_is_refused_with_a_sentence(option, number, capsys):
    with pytest.raises(SystemExit):
        main(["storm", f"{option}={number}"])
    assert f"argument {option}: '{number}' is not possible: give a whole number from 1 on" in capsys.readouterr().err


def test_a_fault_that_does_not_exist_is_refused_with_a_sentence(capsys):
    assert main(["storm", "--faults", "crash,rain"]) == 2
    assert "rain: not a fault; take some of" in capsys.readouterr().err


def test_a_small_storm_ends_well(capsys):
    assert main(["storm", "--seeds", "1"]) == 0
    assert capsys.readouterr().out == "1 storms from seed 0 on: no law broken, nothing lost\n"


def test_who_stops_reading_ends_the_program_in_peace(monkeypatch):
    def broken(*_):
        raise BrokenPipeError

    monkeypatch.setattr(cli, "told_demo", broken)
    monkeypatch.setattr(cli.os, "dup2", lambda *_: None)
    assert main(["demo"]) == 0


def test_the_help_names_every_option_of_a_storm_and_how_often_it_comes(capsys, monkeypatch):
    from minikafka.storm.options import ONE_IN, OPTIONS

    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit):
        main(["storm", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    for name, what in OPTIONS.items():
        often = "every storm" if ONE_IN[name] == 1 else f"one storm in {ONE_IN[name]}"
        assert f"--no-{name} with {what}, or without ({often})" in text
