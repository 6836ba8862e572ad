"""A small world for these tests: two regions, a handful of machines, an echo; built through the front door."""

from __future__ import annotations

from minikafka.world.journal import front_door
from minikafka.world.kernel import TimedOut
from minikafka.world.network import NetworkError, Reply
from minikafka.world.world import World


class Echo:
    """Answers each message with itself, after `pause` µs; remembers what it was asked, by whom and when."""

    def __init__(self, machine, pause=0, heard=None):
        self.machine = machine
        self.pause = pause
        self.heard = [] if heard is None else heard
        machine.listen(self.answer)

    async def answer(self, payload, caller):
        self.heard.append((self.machine.now, caller, payload))
        if self.pause:
            await self.machine.sleep(self.pause)
        return Reply(payload, f"echo of {payload.decode()}")


class Village(World):
    """`a`, `a2` in east (two zones), `b`, `b2` in west; b and b2 echo."""

    @front_door
    def build(self, latency="10ms", jitter=0, bandwidth=None, loss=0.0, pause=0):
        east, west = self.region("east", zones=2), self.region("west", zones=1)
        self.connect(east, west, latency, jitter, bandwidth, loss)
        self.heard = {}
        for name, zone in (("a", "east-a"), ("a2", "east-b"), ("b", "west-a"), ("b2", "west-a")):
            machine = self.machine(name, zone)
            if name.startswith("b"):
                heard = self.heard[name] = []
                machine.install(lambda m, heard=heard: Echo(m, pause, heard))
            machine.start()
        return self

    @front_door
    def chatter(self, opener="a", listener="b", every=5_000, count=50):
        """Let one machine ask another again and again."""
        machine = self.place(opener)
        machine.spawn(chatter(machine, listener, every, count), "chatter")

    @front_door
    def ask(self, opener, listener, payload=b"hello", within="10s"):
        """One question on a connection of its own; lets the time pass that it takes."""
        return self.finish(ask_once(self.place(opener), listener, payload), within)

    @front_door
    def write(self, machine, path, data):
        """Put bytes on a machine's disk."""
        self.place(machine).disk.append(path, data)

    @front_door
    def wait_and_fail(self, time):
        """A call that lets time pass and then fails."""
        self.run_for(time)
        raise KeyError("this call fails, and will again")


async def chatter(machine, listener, every, count):
    """Ask on; after a loss connect again, after a rest."""
    dice = machine.dice("chatter")
    connection = None
    for number in range(count):
        try:
            if connection is None or not connection.open:
                connection = await machine.connect(listener, within=500_000)
            await connection.ask(b"%d" % number, f"question {number}", within=500_000)
        except (NetworkError, TimedOut):
            pass
        await machine.sleep(every + dice.randrange(every))


async def ask_once(machine, listener, payload):
    connection = await machine.connect(listener)
    return await connection.ask(payload, "question")


def village(seed=7, keep="everything", **build):
    return Village(seed, keep=keep).build(**build)


def connect(world, opener="a", listener="b"):
    """A connection that stands, and its opener."""
    machine = world.place(opener)
    return machine, world.finish(machine.connect(listener))


def outcome(future):
    """What became of a question: its answer, its error's name, or None while it is open."""
    if not future.done:
        return None
    return future.value if future.error is None else type(future.error).__name__


def kinds(world, *names):
    return [entry.event for entry in world.recorder.events(*names)]
