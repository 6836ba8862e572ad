"""What every test run has in common, the notebooks in labs/ included."""

import os

# A test run solves and fails exercises; it must not write that into the learner's own progress.
os.environ["MINIKAFKA_PROGRESS"] = "memory"
