"""A story as text: what is read and written again is the same."""

import pytest

from minikafka.story.transcript import NotAStory, Step, differences, lines_of, read_story, title, write_story

TEXT = """\
# A title.

# Prose.
> world seed=7
> crash b1
T+0.001 s  b1: crashed
a second line

# The end.
"""


def test_what_is_read_and_written_is_the_same():
    assert write_story(read_story(TEXT)) == TEXT


def test_a_step_has_prose_a_command_and_output():
    steps = read_story(TEXT)
    assert steps[0] == Step(["# A title.", "", "# Prose."], "world seed=7", [])
    assert steps[1] == Step([], "crash b1", ["T+0.001 s  b1: crashed", "a second line"])
    assert steps[2] == Step(["", "# The end."], None, [])


def test_spaces_at_the_end_and_a_missing_space_after_the_mark_are_forgiven():
    assert write_story(read_story(">run 1s  \nnothing   \n")) == "> run 1s\nnothing\n"


@pytest.mark.parametrize("text", ["what is this?", "# prose\nwhat is this?", "> run 1s\n\nwhat is this?"])
def test_output_without_a_command_is_refused(text):
    with pytest.raises(NotAStory) as refused:
        read_story(text)
    number = len(text.splitlines())
    assert f"line {number}, 'what is this?', stands beneath no command" in str(refused.value)


def test_an_empty_text_has_no_steps():
    assert read_story("") == [] and write_story([]) == ""


def test_a_command_without_words_is_kept():
    assert lines_of(read_story(">\n")[0]) == [">"]


def test_the_title_is_the_first_line_of_prose():
    assert title(TEXT) == "A title." and title("> run 1s\n") == ""


def test_differences_are_shown_as_a_diff():
    assert differences(TEXT, TEXT, "x.txt") == ""
    told = differences(TEXT, TEXT.replace("crashed", "stopped"), "x.txt").splitlines()
    assert told[:2] == ["--- x.txt", "+++ x.txt, as it went now"]
    assert "-T+0.001 s  b1: crashed" in told and "+T+0.001 s  b1: stopped" in told
