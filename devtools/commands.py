"""The command line of `./dev`."""

import argparse
import shutil
import signal
import sys

from . import demo
from .console import DevError, Step, say
from .postgres import PrivateCluster
from .workspace import DEV


def main(argv):
    """Carry out one command. Returns the exit code."""
    ours, extra = _split(argv)
    options = _parser().parse_args(ours)
    signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        return options.run(options, extra) or 0
    except DevError as error:
        print(f"./dev: {error}", file=sys.stderr)
    except PermissionError as error:
        print(
            f"./dev: {error.filename or 'a file'} may not be changed ({error.strerror}):"
            " was ./dev run here by another user?",
            file=sys.stderr,
        )
    except BrokenPipeError:
        sys.stdout = None  # whoever read what we say has gone
    except OSError as error:
        print(f"./dev: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\n./dev: interrupted; the same command goes on from here", file=sys.stderr)
        return 130
    return 1


def _split(argv):
    """The arguments before and after `--`."""
    if "--" in argv:
        at = argv.index("--")
        return argv[:at], argv[at + 1 :]
    return argv, []


def _as_interrupt(_number, _frame):
    raise KeyboardInterrupt


def _parser():
    parser = argparse.ArgumentParser(prog="./dev", description="Everything one does with this repository.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name, run, text):
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        return added

    added = command("demo", _demo, "set up what is missing and start a server with demo data")
    added.add_argument("--port", type=int, help="the port to serve on (8069, or the next that is free)")
    added.add_argument("--reset", action="store_true", help="make the demo database anew")

    added = command("test", _test, "lint, install and test; what follows -- goes to pytest")
    added.add_argument("addons", nargs="*", metavar="ADDON", help="these only (all)")

    added = command("lint", _lint, "check form, translations and Odoo's own rules")
    added.add_argument("addons", nargs="*", metavar="ADDON", help="these only (all)")
    added.add_argument("--fix", action="store_true", help="put right first what ruff can")

    added = command("bench", _bench, "what our flows cost beside what Odoo costs for the same work")
    added.add_argument("flows", nargs="*", metavar="FLOW", help="these only (all of bench/flows)")
    added.add_argument("--quick", action="store_true", help="the smallest sizes, once: does it run at all?")

    added = command("i18n", _i18n, "export the terms of our addons and merge them into their sv.po")
    added.add_argument("addons", nargs="*", metavar="ADDON", help="these only (all)")

    added = command("readme", _readme, "build README.md and the page in Apps from readme/ and the manifest")
    added.add_argument("addons", nargs="*", metavar="ADDON", help="these only (all)")

    added = command("wheels", _wheels, "build a wheel of each addon, look into it and install it on trial")
    added.add_argument("addons", nargs="*", metavar="ADDON", help="these only (all)")

    added = command("openactive", _openactive, "a server with a fresh database for OpenActive's test suite")
    added.add_argument("--port", type=int, help="the port to serve on (8090, or the next that is free)")

    added = command("fight", _fight, "many clients book the same places at once, over several processes")
    added.add_argument("--clients", type=int, default=64, help="at once (64)")
    added.add_argument("--attempts", type=int, default=1000, help="in all (1000)")
    added.add_argument("--places", type=int, default=100, help="that there are (100)")
    added.add_argument("--workers", type=int, default=4, help="processes of Odoo (4)")

    added = command("e2e", _e2e, "a month of business through the browser and the outside services")
    added.add_argument("--kill", action="store_true", help="kill a process every few seconds meanwhile")
    added.add_argument("--seed", type=int, help="by which chance, as an earlier run has told")

    added = command("matrix", _matrix, "each addon alone, and all together: installed, upgraded, uninstalled")
    added.add_argument("addons", nargs="*", metavar="ADDON", help="these only (each, and all together)")

    added = command("upgrade", _upgrade, "install our addons as an earlier commit has them, and upgrade them")
    added.add_argument("since", metavar="COMMIT", help="or a tag: what a business has")

    added = command("mutants", _mutants, "change the rules that money follows: does a test tell?")
    added.add_argument("rules", nargs="*", metavar="RULES", help="an addon, or a file of one (all)")

    added = command("scale", _scale, "how many exchanges several processes send in a second")
    added.add_argument("--exchanges", type=int, default=2000, help="each time (2000)")
    added.add_argument("--processes", type=int, nargs="+", default=[1, 2, 4], help="of Odoo (1 2 4)")
    added.add_argument(
        "--milliseconds", type=int, nargs="+", default=[0, 20], help="that the service takes to answer (0 20)"
    )

    command("shell", _shell, "a Python prompt with Odoo on the demo database; what follows -- goes to Odoo")
    command("stop", _stop, "end the demo server and the private PostgreSQL cluster")
    command("clean", _clean, "remove everything that ./dev made in this checkout; downloads are kept")
    return parser


def _demo(options, _extra):
    demo.demo(options.port, options.reset)


def _test(options, extra):
    from . import testing

    return testing.test(options.addons, extra)


def _lint(options, _extra):
    from . import lint

    return lint.lint_command(options.addons, options.fix)


def _bench(options, _extra):
    from . import bench

    return bench.bench(options.flows, options.quick)


def _i18n(options, _extra):
    from . import translations

    translations.update(options.addons)


def _readme(options, _extra):
    from . import readmes

    readmes.build(options.addons)


def _wheels(options, _extra):
    from . import wheels

    return wheels.wheels(options.addons)


def _openactive(options, _extra):
    from . import openactive_server

    openactive_server.serve(options.port)


def _fight(options, _extra):
    from . import fight

    return fight.fight(options.clients, options.attempts, options.places, options.workers)


def _e2e(options, _extra):
    from . import e2e

    return e2e.e2e(options.kill, options.seed)


def _matrix(options, _extra):
    from . import matrix

    return matrix.matrix(options.addons)


def _upgrade(options, _extra):
    from . import upgrades

    return upgrades.upgrade(options.since)


def _mutants(options, _extra):
    from . import mutants

    return mutants.mutants(options.rules)


def _scale(options, _extra):
    from . import scale

    return scale.scale(options.exchanges, options.processes, options.milliseconds)


def _shell(_options, extra):
    return demo.shell(extra)


def _stop(_options, _extra):
    demo.stop()


def _clean(_options, _extra):
    if not DEV.is_dir():
        say("There is nothing to remove.")
        return
    demo.stop()
    with Step("Remove .dev"):
        PrivateCluster().remove()
        shutil.rmtree(DEV)
