"""OpenActive's published validators, which tests hold our feeds and answers against: packages for Node."""

import hashlib
import shutil

from .console import DevError, Step, run, shown
from .workspace import DEV, LOGS, ROOT, read_json, write_json

ADDON = "brp_openactive"
SOURCES = ROOT / "tests/conformance/openactive"
FILES = ("package.json", "package-lock.json", ".npmrc")
FOLDER = DEV / "openactive"
STAMP = DEV / "openactive.json"


def ensure():
    """Have the validators installed below .dev/. Raises DevError when that cannot be."""
    missing = [program for program in ("node", "npm") if not shutil.which(program)]
    if missing:
        raise DevError(f"no {' and no '.join(missing)}: sudo apt install nodejs npm")
    wanted = {"lock": hashlib.sha256(b"".join((SOURCES / name).read_bytes() for name in FILES)).hexdigest()}
    if read_json(STAMP) == wanted and (FOLDER / "node_modules").is_dir():
        return
    STAMP.unlink(missing_ok=True)
    with Step("Install OpenActive's validators"):
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        for name in FILES:
            shutil.copy(SOURCES / name, FOLDER / name)
        quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
        log = LOGS / "npm.log"
        try:
            run(["npm", "ci", "--prefer-offline", "--fetch-retries=0", *quiet], log=log, cwd=FOLDER)
        except DevError:
            shutil.rmtree(FOLDER, ignore_errors=True)  # half of it would be taken for all
            raise DevError(f"npm could not fetch them: {shown(log)}") from None
    write_json(STAMP, wanted)
