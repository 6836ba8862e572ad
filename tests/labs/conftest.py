"""The kernels that pytest starts find the package of this checkout, installed or not, and leave no progress file."""

import os

from house import ROOT

os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
os.environ["MINIKAFKA_PROGRESS"] = "memory"
