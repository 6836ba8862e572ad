"""Tells a few lines, for the tests of the story's rooms."""

from pathlib import Path

from minikafka.story.commands import COMMANDS
from minikafka.story.teller import Teller
from minikafka.story.transcript import read_story

SCENE = """\
> world seed=7
> cluster primary brokers=3
> topic flights assignment=1,2,3 min.insync.replicas=2
> producer p acks=all linger.ms=0
"""


def play(*lines, scene=SCENE, folder=None):
    """(what stands beneath each of these lines, the teller)."""
    teller = Teller(COMMANDS, folder if folder is None else Path(folder))
    steps = teller.tell(read_story(scene + "".join(f"> {line}\n" for line in lines)))
    return [step.output for step in steps[len(read_story(scene)) :]], teller


def say(*lines, **how):
    """What stands beneath the last of these lines, as one text."""
    return "\n".join(play(*lines, **how)[0][-1])
