"""The world in which everything happens: time, chance, places, network, disks, machines, faults, the flight recorder and the laws.

It knows no Kafka word. Read it first: `kernel`, then `network`, `disk` and `machine`, then `recorder` and `world`.
"""
