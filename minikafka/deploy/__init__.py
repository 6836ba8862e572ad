"""Clusters, and what runs on them: the objects of the front door, and the flights as a workload."""
