"""What a disaster cost: how much was lost, how long it took, what it weighed on the wire."""
