"""What the tests of production share."""

import shutil
import subprocess

import pytest
from production_server import DOCKER, LOGIN, Cluster, Site, waited

from devtools.console import DevError


@pytest.fixture(scope="session")
def caddy():
    found = shutil.which("caddy")
    if not found:
        pytest.skip("no caddy: the server of docs/production.md is not tried out (sudo apt install caddy)")
    return found


@pytest.fixture(scope="session")
def secrets(tmp_path_factory):
    """The folder of the secrets, as docker/make-secrets makes it."""
    folder = tmp_path_factory.mktemp("made")
    shutil.copy(DOCKER / "make-secrets", folder)
    subprocess.run([folder / "make-secrets"], check=True, stdout=subprocess.DEVNULL)
    return folder / "secrets"


@pytest.fixture(scope="session")
def site(caddy, secrets, tmp_path_factory):
    """The server, running, with a business that has nothing but brp_connector."""
    try:
        cluster = Cluster(secrets)
    except DevError as error:
        pytest.skip(f"no server is tried out: {error}")
    try:
        cluster.start()
        site = Site(tmp_path_factory.mktemp("site"), cluster)
        try:
            site.init_said = site.brp("init", f"--site={site.address}", f"--login={LOGIN}", "brp_connector")
            site.start_odoo()
            site.start(
                "proxy",
                *(caddy, "run", "--config", DOCKER / "Caddyfile", "--adapter", "caddyfile"),
                SITE_ADDRESS="localhost",
                SITE_TLS="tls internal",
                HTTP_PORT=str(site.ports["http"]),
                HTTPS_PORT=str(site.ports["https"]),
                ODOO_WEB=f"127.0.0.1:{site.ports['web']}",
                ODOO_WEBSOCKET=f"127.0.0.1:{site.ports['websocket']}",
                HOME=str(site.folder),
                XDG_DATA_HOME=str(site.folder / "caddy"),
                XDG_CONFIG_HOME=str(site.folder / "caddy-config"),
            )
            waited((site.folder / "caddy/caddy/pki/authorities/local/root.crt").exists, "the certificate")
            waited(lambda: _answers(site), "the reverse proxy")
            yield site
        finally:
            site.stop()
    finally:
        cluster.stop()


def _answers(site):
    try:
        return site.visitor().ask("/web/health").status == 200
    except OSError:
        return False
