"""The controllers of a cluster: one, or a quorum on zones and regions.

Promises     `cluster.controllers` are their handles by id; `cluster.image` is what is committed, as far as any running
             controller knows, and the active one first.
Stands for   the controllers' part of an installation script (controller.quorum.voters).
Left out     voters that come and go while the quorum runs (KIP-853): to add one, all voters are started anew.
Differs      controllers are numbered from 1, apart from the brokers; in Kafka all nodes share one numbering.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minikafka.controller.chronicle import Chronicle
from minikafka.controller.controller import Controller
from minikafka.controller.metadata_log import MetadataLog
from minikafka.deploy.handles import ServerHandle
from minikafka.deploy.quorum_tables import quorum_replication, quorum_status
from minikafka.events.quorum import QuorumForced
from minikafka.metadata.image import ClusterImage
from minikafka.protocol.errors import ConfigException, Error, KafkaError
from minikafka.protocol.settings import Config
from minikafka.world.journal import front_door
from minikafka.world.places import Zone

if TYPE_CHECKING:
    from minikafka.deploy.kafka_world import World
    from minikafka.world.machine import Machine

MOST = 7


def places_of_controllers(zones: list[Zone], controllers: int) -> list[Zone]:
    """The zone of each controller, taken in turn. CONFIG error for a number that no quorum should have."""
    if not isinstance(controllers, int) or isinstance(controllers, bool) or not 1 <= controllers <= MOST:
        raise ConfigException(
            f"controllers={controllers!r}: a cluster has 1 controller, or a quorum of 3 (one may fail) or 5 (two may), "
            f"at most {MOST}; an even number is no safer than one less, but may stand evenly on two or three sites"
        )
    return [zones[number % len(zones)] for number in range(controllers)]


class ControllerHandle(ServerHandle):
    """One controller: `id`, `machine`, and `controller`, the running process (None while it is down)."""

    def __init__(self, world: World, controller_id: int, machine: Machine):
        super().__init__(world, "controller", controller_id, machine)

    @property
    def controller(self) -> Controller | None:
        """The process, while it is up."""
        return self.machine.process

    @property
    def role(self) -> str:
        """What it is in the quorum: leader, follower, candidate …; the machine's state while it is not up."""
        return self.controller.voter.role if self.controller is not None else self.machine.state

    def __repr__(self) -> str:
        return f"<{self.name}, {self.role}>"


def controller_names(cluster: str, number: int) -> list[str]:
    """What the machines of so many controllers are called."""
    return [f"{cluster}/controller"] if number == 1 else [f"{cluster}/c{n + 1}" for n in range(number)]


class Controllers:
    """A cluster's half that looks after its controllers."""

    name: str
    world: World

    def build_controllers(self, world: World, zones: list[Zone], config: Config, features: dict) -> None:
        """Put their machines there, one in each of these zones."""
        names = controller_names(self.name, len(zones))
        self._chronicle = Chronicle(several=len(zones) > 1)
        self._controller_settings = (config, features)
        self.controllers: dict[int, ControllerHandle] = {}
        for number, (name, zone) in enumerate(zip(names, zones, strict=True), 1):
            self.controllers[number] = ControllerHandle(world, number, world.machine(name, zone))
        for number in self.controllers:
            self._install_controller(number, list(self.controllers))

    def _install_controller(self, number: int, voters: list[int]) -> None:
        """From its next start on, this controller takes these for the voters (controller.quorum.voters)."""
        addresses = {voter: self.controllers[voter].name for voter in voters}
        config, features, chronicle = *self._controller_settings, self._chronicle
        self.controllers[number].machine.install(
            lambda machine: Controller(machine, self.name, config, features, number, addresses, chronicle)
        )

    def start_controllers(self) -> None:
        """Let them all begin."""
        for handle in self.controllers.values():
            handle.machine.start()

    @property
    def active_controller(self) -> ControllerHandle | None:
        """The controller that decides, the one of the latest epoch if several think so; None if none does."""
        active = [one for one in self.controllers.values() if one.controller is not None and one.controller.active]
        return max(active, key=lambda one: one.controller.epoch, default=None)

    @property
    def controller_machine(self) -> Machine:
        """The machine of the active controller; if none is active, of the first."""
        return (self.active_controller or self.controllers[1]).machine

    @property
    def image(self) -> ClusterImage:
        """The cluster as committed: as the active controller has it, or while there is none, the one that knows most.

        NOT_CONTROLLER if all are down.
        """
        active = self.active_controller
        if active is not None:
            return active.controller.committed_image
        images = [one.controller.committed_image for one in self.controllers.values() if one.controller is not None]
        if not images:
            names = " and ".join(one.name for one in self.controllers.values())
            raise KafkaError(Error.NOT_CONTROLLER, f"{names} is down: start it to ask it")
        return max(images, key=lambda image: image.offset)

    # -- when the quorum is lost --------------------------------------------------------------------------------

    @front_door
    def force_standalone(self, controller_id: int) -> None:
        """Make this controller the only voter, with whatever it has: the last resort after the loss of a majority.

        Take the survivor with the highest epoch, then the highest offset. What it does not know is forgotten, and its
        brokers stop when they hear it. The others must never come back as they are: they would elect a leader of their
        own; wipe them and add them again (`add_controller`). How sure this is: Confluent documents a verb of this name
        and its dangers; what Kafka's brokers do then is inferred.
        """
        handle = self._controller(controller_id)
        if handle.machine.up:
            handle.machine.crash()
        others = tuple(number for number in self.controllers if number != controller_id)
        self._install_controller(controller_id, [controller_id])
        log = MetadataLog(handle.machine.disk, self.world.now)
        handle.machine.record(QuorumForced(log.end_offset, others))
        handle.machine.start()

    @front_door
    def add_controller(self, controller_id: int) -> None:
        """Wipe this controller's disk and let it join the voters of the active controller; returns when one decides.

        One at a time: as long as the old and the new majority have a voter in common, nothing can be lost.
        """
        handle, active = self._controller(controller_id), self.active_controller
        if active is None:
            raise KafkaError(Error.NOT_CONTROLLER, f"no controller of {self.name} decides: nobody could be joined")
        voters = list(active.controller.voter.voters)
        if controller_id in voters:
            raise ConfigException(f"{handle.name} is a voter already: the voters are {voters}")
        if handle.machine.up:
            handle.machine.crash()
        for path in handle.machine.disk.list():
            handle.machine.disk.delete(path)
        for number in [*voters, controller_id]:
            machine = self.controllers[number].machine
            self._install_controller(number, sorted([*voters, controller_id]))
            if machine.up:
                machine.crash()
            machine.start()
        self.world.finish(self._until_active())

    async def _until_active(self) -> None:
        while self.active_controller is None:
            await self.world.kernel.sleep(1_000)

    def _controller(self, controller_id: int) -> ControllerHandle:
        known = isinstance(controller_id, int) and controller_id in self.controllers
        if not known or len(self.controllers) == 1:
            names = ", ".join(one.name for one in self.controllers.values())
            raise ConfigException(f"{controller_id!r} is no controller of a quorum: {self.name} has {names}")
        return self.controllers[controller_id]

    def describe_quorum(self, what: str = "status") -> str:
        """As `kafka-metadata-quorum describe --status` or `--replication`, as the active controller sees it."""
        tables = {"status": quorum_status, "replication": quorum_replication}
        if not isinstance(what, str) or what not in tables:
            raise ConfigException(f"describe_quorum({what!r}): it tells the status or the replication")
        return tables[what](self)
