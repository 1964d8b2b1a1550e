"""What a business relies on when people reach Odoo as docs/production.md sets it up."""

import base64
import json
import os
import re
import urllib.error
import urllib.request
from pathlib import Path

import psycopg2
import pytest
from production_server import LOGIN, waited

websocket = pytest.importorskip("websocket")


@pytest.fixture(scope="module")
def chief(site):
    visitor = site.visitor()
    visitor.log_in()
    return visitor


def test_the_first_administrator_logs_in_over_tls(site):
    visitor = site.visitor()
    answer = visitor.ask("/web/login")
    assert answer.status == 200
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert visitor.log_in().url.startswith(f"{site.address}/odoo")
    [user] = visitor.call("res.users", "search_read", [["login", "=", LOGIN]], ["tz", "lang"])
    assert (user["tz"], user["lang"]) == ("Europe/Stockholm", "sv_SE")


def test_people_choose_between_swedish_and_english(site):
    assert site.query("SELECT code FROM res_lang WHERE active ORDER BY code") == [["en_US"], ["sv_SE"]]


def test_nobody_gets_in_with_odoos_first_password(site):
    body = json.dumps(
        {"jsonrpc": "2.0", "params": {"db": "brp", "login": "admin", "password": "admin"}}
    ).encode()
    answer = site.visitor().ask("/web/session/authenticate", body, Content_Type="application/json")
    assert "Access Denied" in json.load(answer)["error"]["data"]["message"]


def test_what_comes_without_tls_is_sent_to_it(site):
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_arguments):
            return None

    plain = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay())
    with pytest.raises(urllib.error.HTTPError) as refusal:
        plain.open(f"http://localhost:{site.ports['http']}/web/login", timeout=30)
    assert refusal.value.status in (301, 308)
    assert refusal.value.headers["Location"].startswith("https://localhost")


def test_the_services_are_well(site):
    assert json.load(site.visitor().ask("/web/health")) == {"status": "pass"}
    assert json.load(site.visitor().ask("/websocket/health")) == {"status": "pass"}
    assert "web: well" in site.brp("health", "web")


def test_odoo_knows_the_visitors_address_and_believes_no_visitor_about_it(site):
    visitor = site.visitor(source="127.0.0.2")
    visitor.log_in(X_Forwarded_For="203.0.113.9", X_Forwarded_Host="evil.example")
    log = site.log("web").read_text()
    assert f"login:{LOGIN} from 127.0.0.2" in log
    assert "203.0.113.9" not in log


def test_odoo_knows_that_the_visitor_came_over_tls(site):
    visitor = site.visitor()
    page = visitor.ask("/web/login").read().decode()
    assert f"http://localhost:{site.ports['https']}" not in page
    location = visitor.ask("/odoo").url
    assert location.startswith(f"{site.address}/web/login")


def test_databases_are_managed_by_nobody_over_the_web(site):
    assert site.visitor().ask("/web/database/manager").status == 404
    assert site.visitor().ask("/web/database/selector").status == 404
    call = {"service": "db", "method": "list", "args": []}
    body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": call}).encode()
    answer = json.load(site.visitor().ask("/jsonrpc", body, Content_Type="application/json"))
    assert "Access Denied" in answer["error"]["data"]["message"]
    for password in ("admin", ""):
        call = {"service": "db", "method": "drop", "args": [password, "brp"]}
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": call}).encode()
        answer = json.load(site.visitor().ask("/jsonrpc", body, Content_Type="application/json"))
        assert "Access Denied" in answer["error"]["data"]["message"]


def test_a_big_file_goes_up_and_comes_down_as_it_was(site, chief):
    content = os.urandom(1 << 20) * 48
    values = {"name": "film.bin", "datas": base64.b64encode(content).decode()}
    attachment = chief.call("ir.attachment", "create", [values])
    assert chief.ask(f"/web/content/{attachment[0]}").read() == content


def test_a_web_socket_is_opened_and_told_what_happens(site, chief):
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in chief.cookies)
    options = {"cookie": cookies, "origin": site.address, "sslopt": {"context": site.tls}, "timeout": 60}
    address = site.address.replace("https:", "wss:")
    socket = websocket.create_connection(f"{address}/websocket?version={_worker_version(chief)}", **options)
    try:
        assert socket.getstatus() == 101
        socket.send(json.dumps({"event_name": "subscribe", "data": {"channels": ["brp"], "last": 0}}))
        # One that nothing is told to for a while stays open.
        socket.ping()
        site.query("DELETE FROM bus_bus")

        def told():
            # Odoo tells a channel of what came after it was subscribed to: told again until it is.
            site.query(
                """
                INSERT INTO bus_bus (channel, message, create_date)
                     VALUES (
                         '["brp","broadcast"]',
                         '{"type": "brp_probe", "payload": 17}',
                         now() AT TIME ZONE 'UTC'
                     )
                """
            )
            site.query("SELECT pg_notify('imbus', '[[\"brp\",\"broadcast\"]]')", database="postgres")
            socket.settimeout(2)
            try:
                return [one["message"] for one in json.loads(socket.recv())]
            except websocket.WebSocketTimeoutException:
                return None

        assert waited(told, "a message", 60)[0] == {"type": "brp_probe", "payload": 17}
    finally:
        socket.close()


def _worker_version(visitor):
    """The version that the server asks web sockets to be of."""
    page = visitor.ask("/odoo").read().decode()
    return re.search(r'"websocket_worker_version":\s*"([^"]+)"', page)[1]


def test_jobs_are_run_by_the_cron_workers_and_by_them_only(site):
    for name in ("one", "two"):
        assert "cron: well" in site.brp("health", "cron", "--name", name)
    [[job, before]] = site.query(
        "SELECT id, COALESCE(lastcall::text, '') FROM ir_cron WHERE active ORDER BY id LIMIT 1"
    )
    site.query(
        f"UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' - interval '1 second' WHERE id = {job}"
    )
    site.query("NOTIFY cron_trigger, 'brp'", database="postgres")

    def run():
        [[after]] = site.query(f"SELECT COALESCE(lastcall::text, '') FROM ir_cron WHERE id = {job}")
        return after != before

    waited(run, "the job")
    logs = {name: site.log(name).read_text() for name in ("web", "one", "two")}
    assert "WorkerCron" not in logs["web"]
    assert "WorkerHTTP" not in logs["one"] + logs["two"]


def test_a_worker_that_does_nothing_is_not_well(site):
    assert "no cron worker of this name" in site.brp("health", "cron", "--name", "three", code=1)
    password = site.secret("odoo_db_password")
    where = {"host": "127.0.0.1", "port": site.cluster.port, "user": "odoo", "password": password}
    job = "SELECT id FROM ir_cron WHERE active ORDER BY id DESC LIMIT 1"
    site.stop("one", "two")
    try:
        # Connected, as one that hangs is.
        with psycopg2.connect(dbname="postgres", application_name="brp-cron-hangs-1", **where):
            assert "cron: well" in site.brp("health", "cron", "--name", "hangs")
            past = "now() AT TIME ZONE 'UTC' - interval '20 minutes'"
            site.query(f"UPDATE ir_cron SET nextcall = {past} WHERE id = ({job})")
            assert "jobs are overdue" in site.brp("health", "cron", "--name", "hangs", code=1)
            with psycopg2.connect(dbname="brp", **where) as busy, busy.cursor() as cursor:
                cursor.execute(f"SELECT 1 FROM ir_cron WHERE id = ({job}) FOR NO KEY UPDATE")
                # One that has been at work on it for so long is not late with it.
                assert "cron: well" in site.brp("health", "cron", "--name", "hangs")
    finally:
        site.query("UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' + interval '1 hour'")
        site.stop("web")
        site.start_odoo()


def test_no_secret_is_where_others_can_read_it(site):
    values = [site.secret(name) for name in ("postgres_password", "odoo_db_password", "admin_password")]
    seen = 0
    for process in site.processes.values():
        for pid in [process.pid, *_children(process.pid)]:
            for what in ("cmdline", "environ"):
                text = Path(f"/proc/{pid}/{what}").read_text(errors="replace")
                assert not any(value in text for value in values)
            seen += 1
    # Caddy; web: main, two workers, web sockets; two cron: main, worker
    assert seen >= 9
    for name in site.processes:
        assert not any(value in site.log(name).read_text() for value in values)
    assert not any(value in site.init_said for value in values)
    assert (site.folder / "run/pgpass").stat().st_mode & 0o077 == 0
    assert site.secrets.stat().st_mode & 0o077 == 0


def _children(pid):
    found = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found += [int(child), *_children(int(child))]
    return found


def test_odoo_complains_of_nothing_in_its_configuration(site):
    for name in ("web", "one", "two"):
        lines = site.log(name).read_text().splitlines()
        complaints = [line for line in lines if "odoo.tools.config" in line or " CRITICAL " in line]
        # The folder of the addons is another one here.
        assert [line for line in complaints if "/opt/brp/addons" not in line] == []
