"""A partition's log: segments of record batches, their indexes, epochs and producers, and how all of it comes back."""
