"""The world in which everything happens: time, chance, places, network, disks, machines, faults, recorder and laws.

It knows no Kafka word. Read it first: `future`, `task` and `kernel`, then `network`, `disk` and `machine`, then
`recorder`, `journal` and `world`.
"""
