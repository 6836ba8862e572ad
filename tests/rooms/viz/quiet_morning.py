"""Ten departures, and nothing else."""

from minikafka import Departures, World


def quiet(**options):
    """(world, cluster, workload), two seconds later."""
    world = World(seed=3, **options)
    primary = world.cluster("primary", brokers=3)
    primary.create_topic("flights", assignment=[[1, 2, 3]], config={"min.insync.replicas": 2})
    day = world.start(Departures(primary, rate=50, limit=10, config={"linger.ms": 0}))
    world.run_for("2s")
    return world, primary, day
