"""What must always hold, what must hold in the end, and the names of what went wrong."""
