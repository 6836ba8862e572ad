"""Views of what happened: the stage, strips, diagrams and charts. They read the trace, and change nothing."""
