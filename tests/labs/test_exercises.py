"""Every exercise of the labs is sound: the solution passes, each known wrong answer has its message, blanks fail."""

from importlib import import_module
from pkgutil import iter_modules

import pytest

from minikafka.classroom import exercises
from minikafka.classroom.check import check
from minikafka.classroom.exercise import Exercise
from minikafka.classroom.hints import hint
from minikafka.classroom.progress_book import Book

FOUND = [
    value
    for module in iter_modules(exercises.__path__)
    for value in vars(import_module(f"{exercises.__name__}.{module.name}")).values()
    if isinstance(value, Exercise)
]


@pytest.fixture
def book():
    return Book("memory")


def test_there_are_exercises():
    names = [found.name for found in FOUND]
    assert len(names) == len(set(names)) >= 10


@pytest.mark.parametrize("exercise", FOUND, ids=lambda found: found.name)
def test_an_exercise_is_sound(exercise, book):
    assert not exercise.complaints()
    assert check(exercise.name, exercise.solution, book).passed
    assert not check(exercise.name, ..., book).passed
    assert hint(exercise.name, book)


@pytest.mark.parametrize("exercise", [found for found in FOUND if found.wants_function], ids=lambda found: found.name)
def test_five_wrong_functions_are_known(exercise):
    assert len(exercise.wrong) >= 5
