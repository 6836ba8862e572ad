"""What Kafka's documents say of topics after their birth: their settings."""

from scene import Scene


def test_the_order_in_which_settings_are_looked_for():
    """Configuration, Updating Broker Configs: dynamic per-broker, then dynamic cluster-wide default, then static from
    server.properties, then Kafka's default; a topic's own comes first."""
    scene = Scene(log__retention__ms=400)
    scene.topic()
    cluster, wanted = scene.cluster, "log.retention.ms"

    def sources():
        scene.world.run_for("100ms")
        [entry] = cluster.describe_config("flights", "retention.ms").values()
        return entry.value, [source for _, _, source in entry.synonyms]

    assert sources() == (400, ["STATIC_BROKER_CONFIG", "DEFAULT_CONFIG"])
    cluster.alter_config(None, {wanted: 300})
    for broker in cluster.brokers:
        cluster.alter_config(broker, {wanted: 200})
    cluster.alter_config("flights", {"retention.ms": 100})
    assert sources() == (100, ["DYNAMIC_TOPIC_CONFIG", "DYNAMIC_BROKER_CONFIG", "DYNAMIC_DEFAULT_BROKER_CONFIG",
                               "STATIC_BROKER_CONFIG", "DEFAULT_CONFIG"])  # fmt: skip
    cluster.alter_config("flights", {"retention.ms": None})
    assert sources()[0] == 200
    for broker in cluster.brokers:
        cluster.alter_config(broker, {wanted: None})
    assert sources()[0] == 300
