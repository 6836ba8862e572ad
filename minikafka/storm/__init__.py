"""Seeded storms of faults against all laws: what breaks, and the shortest way to break it again."""
