"""Where the reference data is: published descriptions and example files, no part of the project."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def reference():
    """Return a function from a folder's name to its path; its test is skipped when it is not there."""
    base = Path(os.environ.get("BRP_REFERENCE_DATA") or ROOT.parent / "shared" / "samples")

    def folder(name: str) -> Path:
        path = base / name
        if not path.is_dir():
            pytest.skip(f"no reference data: {name} is not in the folder BRP_REFERENCE_DATA names")
        return path

    return folder
