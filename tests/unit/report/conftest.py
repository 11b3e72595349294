"""Studies made by hand come from the results' tests, one folder over."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "results"))
