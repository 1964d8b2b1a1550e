"""The parts of ./dev that decide something: what is a change, a complaint, a finding, our process."""

import os
import socket
import subprocess
import sys

import pytest

from devtools import (
    addons,
    console,
    databases,
    lint,
    openactive,
    openactive_server,
    po_files,
    postgres,
    service,
    testing,
    workspace,
)

polib = pytest.importorskip("polib")


@pytest.fixture
def addon(tmp_path):
    folder = tmp_path / "brp_probe"
    (folder / "tests").mkdir(parents=True)
    (folder / "__manifest__.py").write_text('{"name": "Probe", "depends": ["sale", "brp_other"]}')
    (folder / "models.py").write_text("x = 1\n")
    (folder / "tests/test_x.py").write_text("")
    return addons.Addon("brp_probe", folder)


def test_a_changed_test_needs_no_new_installation(addon):
    before = addon.digest(databases.NOT_INSTALLED)
    (addon.path / "tests/test_x.py").write_text("changed = True\n")
    (addon.path / "__pycache__").mkdir()
    (addon.path / "__pycache__/models.cpython-311.pyc").write_bytes(b"x")
    assert addon.digest(databases.NOT_INSTALLED) == before


def test_a_changed_model_needs_a_new_installation(addon):
    before = addon.digest(databases.NOT_INSTALLED)
    (addon.path / "models.py").write_text("x = 2\n")
    assert addon.digest(databases.NOT_INSTALLED) != before


def test_a_moved_file_is_a_change(addon):
    before = addon.digest()
    (addon.path / "models.py").rename(addon.path / "model.py")
    assert addon.digest() != before


def test_the_template_holds_what_is_not_ours(addon, monkeypatch):
    other = addons.Addon("brp_other", addon.path)
    monkeypatch.setattr(addons, "all_addons", lambda: {"brp_probe": addon, "brp_other": other})
    assert addons.needed_from_odoo([addon]) == ["l10n_se", "sale"]


def test_complaints_are_the_warnings_and_errors_of_a_log(tmp_path):
    log = tmp_path / "install.log"
    log.write_text(
        "2026-11-21 18:37:03,230 8774 INFO db odoo.modules.loading: Loading module web (3/14)\n"
        "2026-11-21 18:37:04,000 8774 WARNING db odoo.fields: Field x has no inverse\n"
        "Traceback (most recent call last):\n"
        "2026-11-21 18:37:05,000 8774 ERROR ? odoo.registry: Failed to load\n"
    )
    assert databases.complaints(log) == [
        "WARNING odoo.fields: Field x has no inverse",
        "ERROR odoo.registry: Failed to load",
    ]


@pytest.mark.parametrize(
    ("msgid", "msgstr", "finding"),
    [
        ("Pay %(amount)s", "Betala %(amount)s", None),
        ("Pay %(amount)s", "Betala %(belopp)s", "other placeholders"),
        ("%s of %s", "%s", "other placeholders"),
        ("100 % sure", "100 % säker", None),
        ("Read <b>this</b>", "Läs detta", "other tags"),
        ("Pay", "", "not translated"),
    ],
)
def test_what_is_wrong_with_a_translation(tmp_path, monkeypatch, msgid, msgstr, finding):
    monkeypatch.setattr(po_files, "ADDONS", tmp_path)
    file = polib.POFile()
    file.append(polib.POEntry(msgid=msgid, msgstr=msgstr))
    file.save(str(tmp_path / "sv.po"))
    found = list(po_files.complete(tmp_path / "sv.po"))
    assert (finding in found[0]) if finding else not found


def test_a_merge_keeps_translations_and_drops_what_is_gone(tmp_path, monkeypatch):
    monkeypatch.setattr(po_files, "ADDONS", tmp_path / "addons")
    folder = tmp_path / "addons/brp_probe/i18n"
    folder.mkdir(parents=True)
    old = polib.POFile()
    old.append(polib.POEntry(msgid="Plan", msgstr="Plan"))
    old.append(polib.POEntry(msgid="Gone", msgstr="Borta"))
    old.save(str(folder / "sv.po"))
    terms = {text: polib.POEntry(msgid=text, comment="module: brp_probe") for text in ("New", "Plan")}
    list(po_files.update(folder / "brp_probe.pot", folder / "sv.po", terms, "brp_probe"))
    merged = {entry.msgid: entry.msgstr for entry in polib.pofile(folder / "sv.po")}
    assert merged == {"New": "", "Plan": "Plan"}
    assert not list(po_files.current(folder / "sv.po", set(terms), "brp_probe"))


@pytest.mark.parametrize(
    ("content", "finding"),
    [
        ("<odoo>\n    <data/>\n</odoo>\n", None),
        ("<odoo>\n    <data>\n</odoo>\n", "not well-formed"),
        ("<odoo>\n  <data/>\n</odoo>\n", "four spaces"),
        ("<odoo>\n\t<data/>\n</odoo>\n", "with spaces"),
        ("<odoo>\n    <data/> \n</odoo>\n", "white space"),
        ("<odoo/>", "newline"),
    ],
)
def test_what_is_wrong_with_an_xml_file(tmp_path, content, finding):
    path = tmp_path / "views.xml"
    path.write_text(content)
    found = list(lint._xml(path))
    assert (finding in found[0][1]) if finding else not found


def test_only_a_process_with_our_path_on_its_command_line_is_the_service(tmp_path):
    mark = tmp_path / "odoo.conf"
    server = service.Service("Odoo", record=tmp_path / "server.json", log=tmp_path / "server.log", mark=mark)
    workspace.write_json(server.record, {"pid": os.getpid(), "port": 8069})
    assert server.running() is None
    # It says when it runs: until then its command line may still be that of this process.
    command = [sys.executable, "-c", "print(flush=True); input()", str(mark)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as process:
        process.stdout.readline()
        workspace.write_json(server.record, {"pid": process.pid, "port": 8069})
        assert server.running() == {"pid": process.pid, "port": 8069}
        process.stdin.close()
    assert server.running() is None


def test_a_service_is_started_found_and_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(service, "DEV", tmp_path)
    pages = service.Service("pages", tmp_path / "pages.json", tmp_path / "pages.log", mark=tmp_path)
    port = service.free_port(18069)
    command = [sys.executable, "-m", "http.server", port, "--bind", "127.0.0.1", "--directory", tmp_path]
    record = pages.start(command, port, also={"smtp": 8125})
    assert pages.running() == record == {"pid": record["pid"], "port": port, "smtp": 8125}
    pages.end()
    assert pages.running() is None
    assert not pages.record.exists()
    with pytest.raises(console.DevError, match=r"pages does not start: .*no_such_module"):
        pages.start([sys.executable, "-m", "no_such_module"], port)


def test_a_taken_port_is_passed_over():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert service.free_port(port) > port


def test_the_socket_of_a_deep_checkout_is_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(postgres, "DEV", tmp_path / ("deep" * 30))
    monkeypatch.setattr(postgres.system, "is_root", lambda: False)
    path = postgres.PrivateCluster().sockets / ".s.PGSQL.5432.lock"
    assert len(os.fsencode(path)) <= 107


def test_a_half_written_record_is_no_record(tmp_path):
    path = tmp_path / "state.json"
    path.write_text('{"pid": 12')
    assert workspace.read_json(path) == {}


def test_the_line_that_tells_why_a_command_failed():
    lines = ["Reading package lists...", "E: Unable to locate package x", "done"]
    assert console.telling_line(lines) == "E: Unable to locate package x"
    assert console.telling_line(["", "bye"]) == "bye"


def test_the_count_is_the_last_line_and_its_failures_the_exit_code(capsys):
    report = testing.Report()
    report.check(lint.Check("fine"))
    report.count("tests", testing.Count(passed=3, skipped=1))
    assert report.close() == 0
    assert capsys.readouterr().out.splitlines()[-1] == "4 passed, 0 failed, 1 skipped"
    report.check(lint.Check("wrong", ["line 1"]))
    assert report.close() == 1
    assert capsys.readouterr().out.splitlines()[-1] == "4 passed, 1 failed, 1 skipped"


def test_without_node_it_is_said_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(console.DevError, match="no node and no npm: sudo apt install nodejs"):
        openactive.ensure()


def test_addons_for_tests_lie_apart_and_are_in_no_business():
    assert addons.all_addons()["test_brp_openactive"].path == workspace.TEST_ADDONS / "test_brp_openactive"
    assert "test_brp_openactive" not in addons.for_business()
    assert not (workspace.ADDONS / "test_brp_openactive").exists()


def test_optional_addons_are_in_no_business_and_left_out_aloud(tmp_path):
    ours = addons.all_addons()
    optional = [ours["brp_connector_queue_job"], ours["test_brp_connector_queue_job"]]
    assert addons.optional_addons() == optional
    assert not {addon.name for addon in optional} & set(addons.for_business())
    reason = addons.why_left_out(optional[1], [tmp_path])
    assert reason == (
        "test_brp_connector_queue_job is left out: there is no queue_job"
        " (pip install --no-deps odoo-addon-queue_job)"
    )
    (tmp_path / "odoo/addons/queue_job").mkdir(parents=True)
    (tmp_path / "odoo/addons/queue_job/__manifest__.py").write_text("{}")
    assert addons.why_left_out(optional[1], [tmp_path]) is None
    assert addons.why_left_out(ours["brp_connector"], []) is None


def test_the_suites_configuration_is_of_one_server():
    told = openactive_server.configuration("http://localhost:8090/openactive/1", "sesame")
    headers = {"Authorization": "Bearer sesame"}
    assert told["sellers"]["primary"]["@id"] == "http://localhost:8090/openactive/1/sellers/1"
    assert told["sellers"]["primary"]["authentication"]["requestHeaders"] == headers
    partner = told["broker"]["bookingPartners"]["primary"]["authentication"]
    assert partner["ordersFeedRequestHeaders"] == headers
    assert told["broker"]["datasetSiteUrl"] == "http://localhost:8090/openactive/1"
