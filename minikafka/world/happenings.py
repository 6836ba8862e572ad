"""What can happen in any world: messages, connections, machines, links, faults.

Promises     every event of the world floor is here (the disk's own stand beside it in `disk`), and is recorded by the
             seam itself, never by the rooms above. `TRAFFIC` marks what comes by the thousand: the recorder can leave
             it out.
Stands for   what a packet capture and an operating system's journal would show.
Left out     what happens inside a message's payload.
Differs      -
"""

from __future__ import annotations

from typing import NamedTuple

from minikafka.world.quantities import say_size, say_span, say_time


class MessageSent(NamedTuple):
    """A message left its sender; `arrives` is when it will be there (µs) unless something comes between."""

    connection: int
    number: int
    sender: str
    receiver: str
    label: str
    size: int
    arrives: int
    reply: bool
    routine: bool
    TRAFFIC = True

    def sentence(self) -> str:
        """Who sent what to whom."""
        return f'{self.sender} sent "{self.label}" to {self.receiver} ({say_size(self.size)})'


class MessageDelivered(NamedTuple):
    """A message reached its receiver; `sent` is the number of its `MessageSent`."""

    connection: int
    number: int
    sender: str
    receiver: str
    label: str
    sent: int
    reply: bool
    routine: bool
    TRAFFIC = True

    def sentence(self) -> str:
        """Who got what from whom."""
        return f'{self.receiver} received "{self.label}" from {self.sender}'


class MessageLost(NamedTuple):
    """A message reached nobody: the receiver is down, or has closed the connection."""

    connection: int
    number: int
    sender: str
    receiver: str
    label: str
    why: str
    TRAFFIC = True

    def sentence(self) -> str:
        """What was lost and why."""
        return f'"{self.label}" from {self.sender} to {self.receiver} was lost: {self.why}'


class MessageStuck(NamedTuple):
    """A message waits on a cut or held path; it will go on when the path is free, if the connection still stands."""

    connection: int
    number: int
    sender: str
    receiver: str
    label: str
    TRAFFIC = True

    def sentence(self) -> str:
        """What is stuck where."""
        return f'"{self.label}" from {self.sender} to {self.receiver} is stuck on the way'


class ConnectionOpened(NamedTuple):
    """A connection stands."""

    connection: int
    opener: str
    listener: str
    ROUTINE = True
    TRAFFIC = True

    def sentence(self) -> str:
        """Who opened it to whom."""
        return f"{self.opener} opened connection {self.connection} to {self.listener}"


class ConnectionRefused(NamedTuple):
    """A connection could not be opened."""

    opener: str
    listener: str
    why: str
    TRAFFIC = True

    def sentence(self) -> str:
        """Who was refused and why."""
        return f"{self.opener} could not connect to {self.listener}: {self.why}"


class ConnectionClosed(NamedTuple):
    """A connection is no more, as far as the side at this place knows."""

    connection: int
    opener: str
    listener: str
    why: str
    TRAFFIC = True

    def sentence(self) -> str:
        """Which, and why."""
        return f"connection {self.connection} from {self.opener} to {self.listener} was closed: {self.why}"


class MachineStarted(NamedTuple):
    """A process came up; `incarnation` counts its lives."""

    incarnation: int

    def sentence(self) -> str:
        """Which life it is."""
        return f"started (life {self.incarnation})"


class MachineCrashed(NamedTuple):
    """The process died. What it had written is still in the page cache."""

    incarnation: int

    def sentence(self) -> str:
        """It died."""
        return "crashed; what was written is still in the page cache"


class MachineStopped(NamedTuple):
    """The process ended in good order."""

    incarnation: int

    def sentence(self) -> str:
        """It ended."""
        return "stopped in good order"


class PowerLost(NamedTuple):
    """The power went out: everything that had not been flushed is gone."""

    incarnation: int

    def sentence(self) -> str:
        """It is dark."""
        return "lost power"


class MachineFroze(NamedTuple):
    """The process stands still (a long pause): alive for the network, dead for everybody else."""

    def sentence(self) -> str:
        """It stands still."""
        return "froze"


class MachineThawed(NamedTuple):
    """The process goes on as if nothing had been."""

    frozen_for: int

    def sentence(self) -> str:
        """For how long it stood still."""
        return f"went on after standing still for {say_time(self.frozen_for)}"


class LinkCut(NamedTuple):
    """Nothing passes from one place to the other."""

    source: str
    target: str

    def sentence(self) -> str:
        """Which way is cut."""
        return f"nothing passes from {self.source} to {self.target} any more"


class LinkHealed(NamedTuple):
    """A cut is no more; `stuck` messages go on in their order (those that nothing else keeps back)."""

    source: str
    target: str
    stuck: int

    def sentence(self) -> str:
        """Which way is open again."""
        return f"{self.source} reaches {self.target} again; {_messages(self.stuck)} stuck till now"


class LinkHeld(NamedTuple):
    """Messages on this way are kept back until released."""

    source: str
    target: str

    def sentence(self) -> str:
        """Which way is held."""
        return f"messages from {self.source} to {self.target} are held back"


class LinkReleased(NamedTuple):
    """A hold is no more; `stuck` messages go on in their order (those that nothing else keeps back)."""

    source: str
    target: str
    stuck: int

    def sentence(self) -> str:
        """How many go on."""
        return f"released what was held back from {self.source} to {self.target}: {_messages(self.stuck)}"


class LinkChanged(NamedTuple):
    """A way is like this now: latency and jitter in µs, bandwidth in bits/s (0: no limit), loss from 0 to below 1."""

    source: str
    target: str
    latency: int
    jitter: int
    bandwidth: int
    loss: float

    def sentence(self) -> str:
        """What it is like now."""
        bandwidth = f"{self.bandwidth:,} bits/s" if self.bandwidth else "no bandwidth limit"
        return (
            f"from {self.source} to {self.target} it now takes {say_span(self.latency)} "
            f"(+ up to {say_span(self.jitter)}), {bandwidth}, {self.loss:.1%} sent again"
        )


class FirewallChanged(NamedTuple):
    """Who may open a connection to whom has changed; connections that stand are not touched."""

    source: str
    target: str
    allowed: bool

    def sentence(self) -> str:
        """The new rule."""
        return f"{self.source} {'may' if self.allowed else 'may not'} open connections to {self.target}"


class FaultPlanned(NamedTuple):
    """Something is going to be done to the world."""

    when: int
    what: str

    def sentence(self) -> str:
        """What, and when."""
        return f"planned for {say_time(self.when)}: {self.what}"


class FaultWithoutEffect(NamedTuple):
    """A planned fault came due and found nothing to do."""

    what: str
    why: str

    def sentence(self) -> str:
        """Which, and why."""
        return f"{self.what} changed nothing: {self.why}"


def _messages(count: int) -> str:
    return "1 message" if count == 1 else f"{count} messages"
