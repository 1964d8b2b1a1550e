"""The files of docker/, as far as they can be judged without Docker."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from production_server import DOCKER, ROOT

from devtools import addons

sys.path.insert(0, str(ROOT / "tests/conformance"))
sys.path.insert(0, str(DOCKER))

from brp_production import settings
from plain_yaml import read_yaml

# Of the Python packages that our addons name: those that Odoo's packages for Debian, and its image, bring.
OF_ODOO = {"python-stdnum"}
SECRETS = {"postgres_password", "odoo_db_password", "admin_password"}


@pytest.fixture(scope="module")
def services():
    """The services of compose.yaml, as Compose understands them."""
    program = _compose()
    if not program:
        pytest.skip("no docker-compose: compose.yaml is not checked (sudo apt install docker-compose)")
    files = ("--env-file", str(DOCKER / "env.example"), "-f", str(DOCKER / "compose.yaml"))
    environment = {name: value for name, value in os.environ.items() if name not in _examples()}
    command = [*program, *files, "--profile", "tools", "config"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return read_yaml(done.stdout)["services"]


def _compose():
    """The command line of Compose, or None."""
    for program in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(program[0]):
            if subprocess.run([*program, "version"], capture_output=True, check=False).returncode == 0:
                return program
    return None


def _examples():
    """The settings of env.example."""
    lines = (DOCKER / "env.example").read_text().splitlines()
    return {name: value for name, _, value in (line.partition("=") for line in lines if line[:1].isupper())}


def test_compose_has_the_services_that_the_docs_tell_of(services):
    assert set(services) == {"db", "odoo", "cron", "proxy", "tools"}


def test_only_the_proxy_is_reached_from_outside(services):
    published = {name for name, service in services.items() if service.get("ports")}
    assert published == {"proxy"}


def test_the_database_is_reached_by_odoo_only(services):
    beside = {name for name, service in services.items() if "back" in service["networks"]}
    assert beside == {"db", "odoo", "cron", "tools"}
    assert list(services["db"]["networks"]) == ["back"]


@pytest.mark.parametrize("name", ["db", "odoo", "cron", "proxy", "tools"])
def test_each_service_is_watched_limited_and_confined(services, name):
    service = services[name]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["mem_limit"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["logging"]["options"]["max-size"]
    assert service["restart"] == ("no" if name == "tools" else "unless-stopped")
    assert not service.get("privileged")


@pytest.mark.parametrize("name", ["odoo", "cron", "tools", "proxy"])
def test_what_meets_the_internet_cannot_change_itself(services, name):
    assert services[name]["read_only"] is True
    assert services[name]["cap_drop"] == ["ALL"]
    assert services[name].get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "proxy" else [])
    assert "user" not in services[name]  # the image's own: odoo


def test_no_secret_is_in_the_environment(services):
    for service in services.values():
        for name, value in service.get("environment", {}).items():
            if "PASSWORD" in name or "SECRET" in name:
                assert name.endswith("_FILE")
                assert Path(value).name in SECRETS
                mounted = [one if isinstance(one, str) else one["source"] for one in service["secrets"]]
                assert Path(value).name in mounted


def test_postgresqls_own_password_is_not_odoos(services):
    for name in ("odoo", "cron", "tools"):
        assert "postgres_password" not in str(services[name])


def test_each_setting_of_the_example_is_used_and_each_that_is_used_is_in_it():
    compose = (DOCKER / "compose.yaml").read_text()
    used = set(re.findall(r"\$\{(\w+)", compose))
    assert used | {"COMPOSE_PROJECT_NAME"} == set(_examples())


def test_what_compose_takes_without_a_setting_is_what_the_example_says():
    compose = (DOCKER / "compose.yaml").read_text()
    for name, value in re.findall(r"\$\{(\w+):-([^}]*)\}", compose):
        assert value == _examples()[name], name


def test_secrets_and_backups_are_not_for_git_or_the_image():
    ignored = [
        f"docker/{name}" for name in (".env", "secrets/x", "backups/x", "exchange/x", "certificates/site.key")
    ]
    done = subprocess.run(
        ["git", "check-ignore", *ignored], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ignored
    sent = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert sent == [
        "addons",
        "docker/brp",
        "docker/brp_production",
        "docker/odoo.conf",
        "docker/requirements.txt",
    ]


def test_the_image_has_what_it_copies_and_ends_as_another_user_than_root():
    lines = (DOCKER / "Dockerfile").read_text().splitlines()
    for line in lines:
        if line.startswith("COPY"):
            assert (ROOT / line.split()[1]).exists(), line
    assert [line for line in lines if line.startswith("USER")][-1] == "USER odoo"


def test_secrets_are_made_once_and_differ(tmp_path):
    shutil.copy(DOCKER / "make-secrets", tmp_path)
    subprocess.run([tmp_path / "make-secrets"], check=True, capture_output=True)
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert set(made) == SECRETS
    assert len(set(made.values())) == 3
    assert all(len(text.strip()) == 32 for text in made.values())
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    done = subprocess.run([tmp_path / "make-secrets"], check=True, capture_output=True, text=True)
    assert done.stdout == ""
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == made


# === PYTHON PACKAGES === #


def _pinned(file):
    """{package: {versions}} of a file of requirements with hashes."""
    found = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", file.read_text(), re.MULTILINE):
        found.setdefault(name.lower(), set()).add(version)
    return found


def test_the_image_has_all_packages_that_our_addons_need():
    needed = {
        package
        for addon in addons.for_business().values()
        for package in addon.manifest.get("external_dependencies", {}).get("python", ())
    }
    assert needed - OF_ODOO == set(_pinned(DOCKER / "requirements.txt"))


def test_the_image_has_the_versions_that_we_test_with():
    tested = _pinned(ROOT / "requirements.lock")
    for package, versions in _pinned(DOCKER / "requirements.txt").items():
        assert versions == tested[package]


def test_the_packages_can_be_installed_as_the_docs_say(tmp_path):
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--no-deps",
        "--require-hashes",
        "--no-cache-dir",
        "--quiet",
    ]
    command = [*pip, "--target", tmp_path, "-r", DOCKER / "requirements.txt"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    script = "import holidays, xmltodict; holidays.Sweden(); print(holidays.__file__, xmltodict.__file__)"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    said = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert said.count(str(tmp_path)) == 2


# === WITHOUT DOCKER === #

UNITS = sorted(path.name for path in DOCKER.glob("systemd/**/*") if path.suffix in (".service", ".timer"))


def test_systemd_understands_the_units(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze: the units are not checked (sudo apt install systemd)")
    for path in DOCKER.glob("systemd/*.*"):
        text = path.read_text().replace("/usr/local/bin/brp", str(DOCKER / "brp"))
        (tmp_path / path.name).write_text(text)
    units = [
        tmp_path / name
        for name in ("odoo-web.service", "odoo-cron@.service", "brp-backup.timer", "brp-health.timer")
    ]
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert str(tmp_path) not in done.stderr, done.stderr
    assert done.returncode == 0, done.stderr


def test_the_units_run_commands_that_there_are():
    for path in DOCKER.glob("systemd/*.service"):
        for line in path.read_text().splitlines():
            if line.startswith("ExecStart="):
                words = line.partition("=")[2].replace("%i", "1").split()
                assert words[0] == "/usr/local/bin/brp"
                assert words[1] in ("web", "cron", "backup", "health")


def test_the_settings_file_is_read_and_the_environment_goes_before_it(tmp_path, monkeypatch):
    file = tmp_path / "brp.env"
    file.write_text(
        f"# a note\nODOO_RC={DOCKER / 'odoo.conf'}\nPGHOST=/var/run/postgresql\nODOO_WORKERS=4\n\n"
    )
    monkeypatch.setenv("BRP_ENVIRONMENT", str(file))
    monkeypatch.setenv("ODOO_WORKERS", "7")
    for name in ("ODOO_RC", "PGHOST", "PASSWORD_FILE", "PGDATABASE"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    read = settings.read()
    assert (read.database, read.option("db_host"), read.option("workers")) == (
        "brp",
        "/var/run/postgresql",
        "7",
    )
    assert str(read.filestores) == "/var/lib/odoo/filestore"


@pytest.mark.parametrize("password", ["a:b", "back\\slash", "plain"])
def test_the_password_file_is_one_that_postgresql_reads(tmp_path, monkeypatch, password):
    secret, file = tmp_path / "secret", tmp_path / "run/pgpass"
    secret.write_text(f"{password}\n")
    monkeypatch.setenv("BRP_ENVIRONMENT", str(tmp_path / "none"))
    monkeypatch.setenv("ODOO_RC", str(DOCKER / "odoo.conf"))
    monkeypatch.setenv("PASSWORD_FILE", str(secret))
    monkeypatch.setenv("PGPASSFILE", str(file))
    settings.read()
    [line] = file.read_text().splitlines()
    fields = re.split(r"(?<!\\):", line, maxsplit=4)
    assert re.sub(r"\\(.)", r"\1", fields[4]) == password
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "\n", "two\nlines"])
def test_an_empty_secret_is_refused(tmp_path, text):
    (tmp_path / "secret").write_text(text)
    with pytest.raises(settings.ProductionError):
        settings.read_secret(tmp_path / "secret")


# === DOCS === #


def test_the_docs_name_commands_files_and_settings_that_there_are():
    text = (ROOT / "docs/production.md").read_text()
    for name in re.findall(r"docker/systemd/([\w.@*/-]+)", text):
        assert list((DOCKER / "systemd").glob(name)) or not name.strip("/"), name
    commands = set(re.findall(r"(?:tools|exec odoo brp|exec cron brp|sudo -u odoo brp) ([a-z]+)", text)) - {
        "with"
    }
    source = (DOCKER / "brp_production/command.py").read_text()
    there = {
        call.args[0].value
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "command"
    }
    assert commands <= there
    assert {"init", "backup", "restore", "upgrade", "health"} <= commands
