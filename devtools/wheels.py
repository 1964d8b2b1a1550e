"""`./dev wheels`: each addon as a package that pip installs, looked into and installed on trial."""

import shutil
import zipfile
from email.parser import HeaderParser
from pathlib import Path

from . import addons as our
from .console import Step, run, say, shown
from .ground import prepared, scratch_folder
from .workspace import DEV, LOGS, cache

FOLDER = DEV / "wheels"
# Not a part of the addon that is installed, but how it is built.
LEFT_OUT = ("pyproject.toml",)
ODOO = "19.0"


def wheels(names):
    """Build the wheels of the addons called `names`, or of all, into .dev/wheels. Returns the exit code."""
    with prepared() as ground:
        addons = [addon for addon in our.select(names) if not addon.only_for_tests]
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        with Step("Build the wheels"):
            _pip(ground, "wheel", "--wheel-dir", FOLDER, *(addon.path for addon in addons))
        built = sorted(FOLDER.glob("*.whl"))
        with scratch_folder() as trial:
            with Step("Install them on trial"):
                _pip(ground, "install", "--no-compile", "--target", trial, *built)
            lines = [line for addon in addons for line in findings(addon, built, trial)]
    for line in lines:
        say(f"✗ {line}")
    if not lines:
        say(f"✓ {len(built)} wheels in {shown(FOLDER)}")
    return 1 if lines else 0


def _pip(ground, task, *arguments):
    run(
        [ground.environment.python, "-m", "pip", task, "--no-deps", "--progress-bar=off", *arguments],
        log=LOGS / f"wheels-{task}.log",
        what=f"pip {task}",
        env=ground.variables(PIP_CACHE_DIR=str(cache() / "pip"), PIP_DISABLE_PIP_VERSION_CHECK="1"),
    )


def findings(addon, built, trial):
    """Yield what is wrong with the addon's wheel among `built`, and with what it put into `trial`."""
    version = addon.manifest["version"]
    name = f"odoo_addon_{addon.name}-{version}-py3-none-any.whl"
    paths = [path for path in built if path.name == name]
    if not paths:
        yield f"{addon.name}: no wheel is called {name}"
        return
    told = read_metadata(paths[0])
    for key, wanted in metadata(addon).items():
        found = sorted(told.get_all(key, []))
        if found != wanted:
            yield f"{addon.name}: its wheel says {key}: {found}, not {wanted}"
    if f"# {addon.manifest['name']}\n" not in told.get_payload():
        yield f"{addon.name}: its wheel is not described by README.md"
    installed = our.Addon(addon.name, Path(trial, "odoo/addons", addon.name))
    for line in _differences(addon, installed):
        yield f"{addon.name}: {line}"


def read_metadata(wheel):
    """What the wheel says of itself, as an email message: headers, and the description as its text."""
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return HeaderParser().parsestr(archive.read(name).decode())


def metadata(addon):
    """What the wheel of the addon has to say: for each header, all of its values, sorted."""
    ours = our.all_addons()
    manifest = addon.manifest
    needed = [f"odoo-addon-{name}=={ODOO}.*" for name in addon.depends if name in ours]
    needed += [f"odoo=={ODOO}.*", *manifest.get("external_dependencies", {}).get("python", [])]
    return {
        "Name": [f"odoo-addon-{addon.name}"],
        "Version": [manifest["version"]],
        "Summary": [manifest["summary"]],
        "License": [manifest["license"]],
        "Author": [manifest["author"]],
        "Home-page": [manifest["website"]] if "website" in manifest else [],
        "Requires-Dist": sorted(needed),
    }


def _differences(addon, installed):
    def names(which):
        return {str(path.relative_to(which.path)) for path in which.files() if path.name not in LEFT_OUT}

    for name in sorted(names(addon) - names(installed)):
        yield f"{name} is not in the wheel: is it committed?"
    for name in sorted(names(installed) - names(addon)):
        yield f"{name} is in the wheel, and not in the folder"
    for name in sorted(names(addon) & names(installed)):
        if (addon.path / name).read_bytes() != (installed.path / name).read_bytes():
            yield f"{name} is another one in the wheel"
