"""The demo: the flights of the day before Thanksgiving live through a leader's death.

Promises     `minikafka demo` tells this story; a test holds the same text.
Stands for   a first look.
Left out     -
Differs      -
"""

DEMO = """\
# Three brokers in three zones hold one partition, flights-0. b1 leads; b2 and b3 fetch from it.
> world seed=7
> cluster primary brokers=3
> topic flights assignment=1,2,3 min.insync.replicas=2

# Departures from New York come in, fifty a second. The producer asks for acks=all.
> events none
> flights departures rate=50 limit=60 acks=all linger.ms=0
> run 500ms
> show flights-0
> events some

# b1 dies with half of the flights in. Its last moments, then: who notices, who decides, who takes over?
> crash b1
> until leader flights-0 b2
> show flights-0

# The producer asks around, finds the new leader, and sends again what nobody had acknowledged.
> events none
> run 5s
> account departures
> show flights-0
> events some

# b1 comes back. It throws away what its log has and b2's has not, fetches the rest, and is in sync again.
> start b1
> until isr flights-0 1,2,3
> show flights-0
> account departures
"""
