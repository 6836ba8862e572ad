"""Views of what happened: the stage, strips, diagrams and charts. They read the recorder's trace, and change nothing."""
