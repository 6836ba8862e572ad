"""A broker: leads some partitions, follows others, and answers clients."""
