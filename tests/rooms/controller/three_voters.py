"""Three controllers with nobody else, and one's hands on the ways between them."""

from minikafka.controller.controller import Controller
from minikafka.deploy.kafka_world import World


class Voters:
    """`controllers` by id; `voters` their roles in the quorum."""

    def __init__(self, count=3, seed=1, **config):
        self.world = World(seed=seed)
        zone = self.world.region("east").zones[0]
        addresses = {number: f"q/c{number}" for number in range(1, count + 1)}
        self.machines = {}
        for number, name in addresses.items():
            machine = self.machines[number] = self.world.machine(name, zone)
            machine.install(lambda machine, number=number: Controller(machine, "q", config, None, number, addresses))
        for machine in self.machines.values():
            machine.start()

    def __getitem__(self, number):
        return self.machines[number].process

    def voter(self, number):
        return self[number].voter

    @property
    def roles(self):
        return {number: self.voter(number).role if self[number] else None for number in self.machines}

    @property
    def active(self):
        found = [number for number in self.machines if self[number] and self[number].active]
        return found[-1] if found else None

    def until_active(self, within="10s"):
        deadline = self.world.now + 1000 * int(within.removesuffix("s")) * 1000
        while self.active is None:
            assert self.world.now < deadline, self.roles
            self.world.run_for("10ms")
        self.world.run_for("100ms")
        return self.active

    def told(self, kind):
        return [one for one in self.world.recorder.trace if isinstance(one.event, kind)]
