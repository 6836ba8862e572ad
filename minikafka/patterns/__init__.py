"""Designs that have a name: what each is for, how it is built, and the drills it should be put through."""
