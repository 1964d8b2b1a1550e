"""Runs the simulator: `python tests/simulators/letterbox serve …`, or `python -m letterbox serve …`."""

import sys
from pathlib import Path

if not __package__:
    # Run as a folder: the package's own folder is on the path, and has to give way to the folder it is in.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from letterbox.cli import main

if __name__ == "__main__":
    sys.exit(main())
