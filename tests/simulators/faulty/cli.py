"""The command `serve`."""

import argparse
import sys
from pathlib import Path

from .server import FaultyServer
from .things import Things


def _arguments(argv) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="faulty", description="A service that misbehaves when told to.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run until stopped")
    serve.add_argument("--port", type=int, default=0, help="0: any free one")
    serve.add_argument(
        "--state", type=Path, help="what was accepted, a line of JSON each (default: kept nowhere)"
    )
    return parser.parse_args(argv)


def main(argv=None) -> int:
    """Runs until interrupted; returns the exit code."""
    options = _arguments(argv)
    try:
        server = FaultyServer(Things(options.state), options.port)
    except (OSError, ValueError) as error:
        print(f"faulty: {error}", file=sys.stderr)
        return 2
    print(f"listening on {server.host}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return 0
    finally:
        server.server_close()
    return 0
