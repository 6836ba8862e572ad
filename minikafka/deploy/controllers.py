"""The controllers of a cluster: one, or a quorum on zones and regions.

Promises     `cluster.controllers` are their handles by id; `cluster.image` is what is committed, as far as any running
             controller knows, and the active one first.
Stands for   the controllers' part of an installation script (controller.quorum.voters).
Left out     voters that come and go while the quorum runs (KIP-853).
Differs      controllers are numbered from 1, apart from the brokers; in Kafka all nodes share one numbering.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minikafka.controller.chronicle import Chronicle
from minikafka.controller.controller import Controller
from minikafka.deploy.quorum_tables import quorum_replication, quorum_status
from minikafka.metadata.image import ClusterImage
from minikafka.protocol.errors import ConfigException, Error, KafkaError
from minikafka.protocol.settings import Config
from minikafka.world.journal import FrontDoor, front_door
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


class ControllerHandle(FrontDoor):
    """One controller: `id`, `machine`, and `controller`, the running process (None while it is down)."""

    def __init__(self, world: World, controller_id: int, machine: Machine):
        super().__init__(world, f"controller:{machine.name}")
        self.id = controller_id
        self.machine = machine

    @property
    def name(self) -> str:
        """The machine's name, which is also its address: "primary/c1"."""
        return self.machine.name

    @property
    def controller(self) -> Controller | None:
        """The process, while it is up."""
        return self.machine.process

    @property
    def role(self) -> str:
        """What it is in the quorum: leader, follower, candidate …; the machine's state while it is not up."""
        return self.controller.voter.role if self.controller is not None else self.machine.state

    @front_door
    def shut_down(self) -> None:
        """Hand the leadership over, if it leads, and stop; returns when it is done."""
        self.world.finish(self._until_down(), name=f"shut down {self.name}")

    async def _until_down(self) -> None:
        await self.world.stop_in_order(self.machine)

    def __repr__(self) -> str:
        return f"<{self.name}, {self.role}>"


def controller_names(cluster: str, number: int) -> list[str]:
    """What the machines of so many controllers are called."""
    return [f"{cluster}/controller"] if number == 1 else [f"{cluster}/c{n + 1}" for n in range(number)]


class Controllers:
    """A cluster's half that looks after its controllers."""

    name: str

    def build_controllers(self, world: World, zones: list[Zone], config: Config, features: dict) -> None:
        """Put their machines there, one in each of these zones."""
        voters = dict(enumerate(controller_names(self.name, len(zones)), 1))
        chronicle = Chronicle()
        self.controllers: dict[int, ControllerHandle] = {}
        for (number, name), zone in zip(voters.items(), zones, strict=True):
            machine = world.machine(name, zone)
            self.controllers[number] = ControllerHandle(world, number, machine)
            machine.install(
                lambda machine, number=number: Controller(
                    machine, self.name, config, features, number, voters, chronicle
                )
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
        """The cluster as committed: as the active controller has it, or while there is none, who knows most.

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

    def describe_quorum(self, what: str = "status") -> str:
        """As `kafka-metadata-quorum describe --status` or `--replication`, as the active controller sees it."""
        tables = {"status": quorum_status, "replication": quorum_replication}
        if what not in tables:
            raise ConfigException(f"describe_quorum({what!r}): it tells the status or the replication")
        return tables[what](self)
