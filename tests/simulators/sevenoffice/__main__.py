"""Runs the simulator: `python tests/simulators/sevenoffice serve …`, or `python -m sevenoffice serve …`."""

import sys
from pathlib import Path

if not __package__:
    # Run as a folder: the package's own folder is on the path, and has to give way to the folder it is in.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from sevenoffice.cli import main

if __name__ == "__main__":
    sys.exit(main())
