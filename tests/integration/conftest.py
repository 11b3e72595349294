"""Studies made by hand come from the results' tests, from their folder."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "results"))
