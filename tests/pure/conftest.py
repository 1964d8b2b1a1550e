"""Makes the simulators importable: `from klarna import Klarna`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "simulators"))
