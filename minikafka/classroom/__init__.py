"""What the labs need to teach: the code that ran, a learner's code in its place, and who judges it."""
