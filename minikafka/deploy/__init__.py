"""Clusters and what runs on them: the front door's objects, the flights as a workload, laws and stories.

You are on the top floor; below it are broker, client and controller.
"""
