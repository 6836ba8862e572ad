"""Everything of the classroom in one line: `from minikafka.classroom.desk import *`.

Promises     the names that a lab uses, and nothing else.
Stands for   nothing in Kafka.
Left out     -
Differs      -
"""

from minikafka.classroom.check import check
from minikafka.classroom.exercise import Case, Exercise, Wrong
from minikafka.classroom.hints import hint, solution
from minikafka.classroom.on_trial import trial
from minikafka.classroom.order import Step, order
from minikafka.classroom.prediction import Option, predict
from minikafka.classroom.progress_book import progress
from minikafka.classroom.source import show
from minikafka.classroom.swap import swap
from minikafka.classroom.sweep_card import one_by_one

__all__ = ["Case", "Exercise", "Option", "Step", "Wrong", "check", "hint", "one_by_one", "order", "predict", "progress",
           "show", "solution", "swap", "trial"]  # fmt: skip
