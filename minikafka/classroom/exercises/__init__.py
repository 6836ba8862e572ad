"""What the labs ask, one module for each lab: tasks, hints, answers, and what is said to the usual wrong ones."""
