"""The cluster as of fact N: the facts a controller records, and the immutable image they add up to."""
