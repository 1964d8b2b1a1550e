"""Backup, loss and restoration of the server, then its upgrade: in this order, on one server."""

import base64
import json
import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from production_server import waited

CONTENT = os.urandom(300_000)
ROWS = {
    "users": "SELECT id, login, password FROM res_users ORDER BY id",
    "parameters": "SELECT key, value FROM ir_config_parameter ORDER BY key",
    "addons": "SELECT name, state, latest_version FROM ir_module_module ORDER BY name",
    "attachments": "SELECT id, name, store_fname FROM ir_attachment WHERE res_model IS NULL ORDER BY id",
}


@pytest.fixture(scope="module")
def kept(site):
    """What there was when the backup was made, which is made while people work."""
    visitor = site.visitor()
    visitor.log_in()
    values = {"name": "avtal.pdf", "datas": base64.b64encode(CONTENT).decode()}
    [attachment] = visitor.call("ir.attachment", "create", [values])
    site.query(
        """
        INSERT INTO ir_mail_server (name, smtp_host, smtp_port, smtp_encryption, smtp_authentication, active)
             VALUES ('post', 'smtp.example.com', 587, 'starttls', 'login', true);
        INSERT INTO brp_connection (name, provider, company_id, state) VALUES ('Probe', 'probe', 1, 'active')
        """
    )
    rows = {name: site.query(statement) for name, statement in ROWS.items()}
    said = site.brp("backup")
    [folder] = site.backups.glob("brp-*")
    assert str(folder) in said
    return {"attachment": attachment, "rows": rows, "set": folder}


def test_a_backup_is_one_set_that_anybody_can_check(site, kept):
    done = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=kept["set"], capture_output=True, check=False
    )
    assert done.returncode == 0
    manifest = json.loads((kept["set"] / "manifest.json").read_text())
    assert manifest["database"] == "brp"
    assert manifest["addons"]["brp_connector"].startswith("19.0.")
    assert manifest["files"]["missing"] == []
    assert "is whole" in site.brp("verify", "latest")
    assert str(kept["set"]) in site.brp("backups")
    assert "backup: well" in site.brp("health", "backup")


def test_nobody_else_can_read_a_backup(site, kept):
    for path in (kept["set"], *kept["set"].iterdir()):
        assert path.stat().st_mode & 0o077 == 0


def test_a_database_that_exists_is_not_restored_over(site, kept):
    assert "say --replace" in site.brp("restore", "latest", "--production", code=5)


def test_a_database_that_exists_is_not_made_anew(site, kept):
    said = site.brp("init", "--site=https://localhost", "--login=other@example.com", code=5)
    assert "there is a database brp already" in said
    assert site.query(ROWS["users"]) == kept["rows"]["users"]


def test_a_database_in_use_is_not_replaced(site, kept):
    said = site.brp("restore", "latest", "--production", "--replace", code=5)
    assert "is in use" in said
    assert "stop Odoo first" in said
    assert {name: site.query(statement) for name, statement in ROWS.items()} == kept["rows"]


def test_whether_it_is_a_copy_has_to_be_said(site, kept):
    site.brp("restore", "latest", "--database", "brp_copy", code=2)


def test_a_damaged_backup_is_refused(site, kept, tmp_path):
    damaged = tmp_path / kept["set"].name
    shutil.copytree(kept["set"], damaged)
    dump = damaged / "database.dump"
    content = bytearray(dump.read_bytes())
    content[len(content) // 2] ^= 1
    dump.write_bytes(content)
    assert "database.dump is damaged" in site.brp("verify", str(damaged), code=4)
    site.brp("restore", str(damaged), "--copy", "--database", "brp_copy", code=4)
    assert site.query("SELECT 1 FROM pg_database WHERE datname LIKE 'brp_copy%'", database="postgres") == []


def test_a_backup_of_newer_addons_is_refused(site, kept, tmp_path):
    newer = tmp_path / kept["set"].name
    shutil.copytree(kept["set"], newer)
    manifest = json.loads((newer / "manifest.json").read_text())
    manifest["addons"]["brp_connector"] = "19.0.99.0.0"
    (newer / "manifest.json").write_text(json.dumps(manifest))
    (newer / "SHA256SUMS").write_text(
        subprocess.run(
            ["sha256sum", "database.dump", "files.tar", "manifest.json"],
            cwd=newer,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )
    said = site.brp("restore", str(newer), "--copy", "--database", "brp_copy", code=1)
    assert "brp_connector 19.0.99.0.0 (here: 19.0." in said


def test_a_backup_is_whole_while_people_add_files(site, kept):
    visitor = site.visitor()
    visitor.log_in()
    made, over = [], threading.Event()

    def work():
        while not over.is_set():
            content = base64.b64encode(os.urandom(1000)).decode()
            made.extend(visitor.call("ir.attachment", "create", [{"name": "more", "datas": content}]))

    person = threading.Thread(target=work)
    person.start()
    try:
        waited(lambda: len(made) > 3, "the first files", 30)
        before = len(made)
        site.brp("backup")
        waited(lambda: len(made) > before, "a file made during or after the backup", 30)
    finally:
        over.set()
        person.join()
    site.brp("restore", "latest", "--copy", "--database", "brp_busy")
    stored = site.query(
        "SELECT DISTINCT store_fname FROM ir_attachment WHERE store_fname IS NOT NULL", database="brp_busy"
    )
    assert len(stored) >= before
    lost = [name for (name,) in stored if not (site.filestores / "brp_busy" / name).is_file()]
    assert lost == []
    site.query("DROP DATABASE brp_busy", database="postgres")
    shutil.rmtree(site.filestores / "brp_busy")
    shutil.rmtree(max(site.backups.glob("brp-*")))


def test_a_copy_sends_nothing(site, kept):
    site.brp("restore", "latest", "--copy", "--database", "brp_copy")

    def ask(statement):
        return site.query(statement, database="brp_copy")

    assert ask("SELECT smtp_host FROM ir_mail_server WHERE active") == [["invalid"]]
    assert ask("SELECT state FROM brp_connection WHERE provider = 'probe'") == [["inactive"]]
    assert len(ask("SELECT 1 FROM ir_cron WHERE active")) == 1  # Odoo's own housekeeping
    [[uuid]] = ask("SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'")
    assert [["database.uuid", uuid]] != [
        row for row in kept["rows"]["parameters"] if row[0] == "database.uuid"
    ]
    assert ask(ROWS["users"]) == kept["rows"]["users"]
    # The original goes on.
    assert site.query("SELECT state FROM brp_connection WHERE provider = 'probe'") == [["active"]]


def test_what_was_lost_is_there_again(site, kept):
    site.stop_odoo()
    site.query("DROP DATABASE brp", database="postgres")
    shutil.rmtree(site.filestores / "brp")
    said = site.brp("restore", kept["set"].name, "--production")
    assert "will send what waits" in said
    assert {name: site.query(statement) for name, statement in ROWS.items()} == kept["rows"]
    assert site.query("SELECT state FROM brp_connection WHERE provider = 'probe'") == [["active"]]
    site.start_odoo()
    visitor = site.visitor()
    visitor.log_in()
    assert visitor.ask(f"/web/content/{kept['attachment']}").read() == CONTENT


def test_one_that_is_in_the_way_is_replaced_when_told(site, kept):
    site.query("UPDATE res_users SET login = 'other@example.com' WHERE id = 2")
    site.stop_odoo()
    site.brp("restore", "latest", "--production", "--replace")
    assert site.query(ROWS["users"]) == kept["rows"]["users"]
    names = site.query(
        "SELECT datname FROM pg_database WHERE datname LIKE 'brp%' ORDER BY 1", database="postgres"
    )
    assert names == [["brp"], ["brp_copy"]]
    assert sorted(path.name for path in site.filestores.iterdir()) == ["brp", "brp_copy"]


def test_an_upgrade_begins_with_a_backup_and_ends_with_a_working_odoo(site, kept):
    site.query("UPDATE ir_module_module SET latest_version = '19.0.0.9.0' WHERE name = 'brp_connector'")
    said = site.brp("upgrade", "brp_connector")
    assert "brp_connector: 19.0.0.9.0 → 19.0." in said
    before = max(site.backups.glob("brp-*"))
    assert before != kept["set"]
    assert json.loads((before / "manifest.json").read_text())["addons"]["brp_connector"] == "19.0.0.9.0"
    site.start_odoo()
    assert site.visitor().log_in().url.startswith(f"{site.address}/odoo")
    assert "is in use" in site.brp("upgrade", "brp_connector", code=1)


def test_a_file_that_was_lost_before_is_told_of(site, kept):
    [[name]] = site.query(f"SELECT store_fname FROM ir_attachment WHERE id = {kept['attachment']}")
    Path(site.filestores / "brp" / name).unlink()
    said = site.brp("backup", code=3)
    assert name in said
    assert "1 files that the database names are not there" in said
    folder = max(site.backups.glob("brp-*"))
    assert json.loads((folder / "manifest.json").read_text())["files"]["missing"] == [name]
    site.brp("verify", "latest")
