"""The demo's letter box: what is sent over real SMTP is kept, listed and shown, whatever it is."""

import re
import shutil
import smtplib
import socket
import subprocess
import sys
import threading
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import unquote

import plumbing
import pytest
from plumbing import Answer
from simulated import SIMULATORS, ask, process

pytest.importorskip("aiosmtpd")

from letterbox import Letterbox

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CALENDAR = b"BEGIN:VCALENDAR\r\nSUMMARY:Padel\r\nEND:VCALENDAR\r\n"
NINE = 1795338000.0  # 2026-11-22 09:00:00 UTC, ten o'clock in Sweden


@pytest.fixture
def box(tmp_path):
    with Letterbox(tmp_path / "letters", clock=lambda: NINE) as service:
        yield service


def send(box, letter, sender="disk@example.com", to=("astrid@example.com",)):
    """Hands in a letter, a message or bytes."""
    data = letter if isinstance(letter, bytes) else letter.as_bytes(policy=SMTP)
    with smtplib.SMTP("127.0.0.1", box.smtp_port, timeout=10) as smtp:
        return smtp.sendmail(sender, list(to), data)


def written(subject="Hej", text="Hej Astrid", html=None, **headers):
    letter = EmailMessage()
    letter["From"] = "Sundby Aktivitetscenter <disk@example.com>"
    letter["To"] = "Åsa Öberg <astrid@example.com>"
    letter["Subject"] = subject
    for name, value in headers.items():
        letter[name] = value
    letter.set_content(text)
    if html:
        letter.add_alternative(html, subtype="html")
    return letter


def receipt():
    letter = written("Bokad: Bana 1 på söndag ✓", "Välkommen!", "<h1>Välkommen!</h1>")
    letter.add_attachment(CALENDAR, maintype="text", subtype="calendar", filename="bokning åäö.ics")
    letter.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="kvitto.pdf")
    return letter


def get(box, path):
    """(status, text, headers)."""
    status, data, headers = ask(box.url + path)
    return status, data.decode(), headers


def newest(box):
    """The path of the letter that came last."""
    return "/brev/" + box.listed()[0][0]


def shown(box):
    return get(box, newest(box))[1]


# -- a letter ---------------------------------------------------------------------------------------------


def test_a_letter_is_listed_and_shown(box):
    send(box, receipt())
    status, listed, _headers = get(box, "/")
    assert status == 200
    for told in (
        "Bokad: Bana 1 på söndag ✓",
        "Sundby Aktivitetscenter &lt;disk@example.com&gt;",
        "Åsa Öberg &lt;astrid@example.com&gt;",
        "2026-11-22 10:00:00",
    ):
        assert told in listed
    assert f'href="{newest(box)}"' in listed
    letter = shown(box)
    assert "Bokad: Bana 1 på söndag ✓" in letter and "<pre>Välkommen!" in letter
    assert "bokning åäö.ics" in letter and "kvitto.pdf" in letter
    assert "<h1>Välkommen!</h1>" in get(box, newest(box) + "/html")[1]


def test_attachments_are_as_they_were_sent(box):
    send(box, receipt())
    for number, name, kind, data in (
        (0, "bokning åäö.ics", "text/calendar", CALENDAR),
        (1, "kvitto.pdf", "application/pdf", b"%PDF-1.4"),
    ):
        status, got, headers = ask(f"{box.url}{newest(box)}/bilaga/{number}")
        assert (status, headers["Content-Type"], got) == (200, kind, data)
        kind, _semicolon, told = headers["Content-Disposition"].partition("; filename*=UTF-8''")
        assert (kind, unquote(told)) == ("attachment", name)
    assert get(box, newest(box) + "/bilaga/2")[0] == 404


def test_the_letter_as_it_came(box):
    send(box, written("Hej"), to=("astrid@example.com", "hemlig@example.com"))
    _status, source, headers = ask(f"{box.url}{newest(box)}.eml")
    assert headers["Content-Type"] == "message/rfc822"
    assert source.startswith(
        b"Return-Path: <disk@example.com>\r\n"
        b"Delivered-To: astrid@example.com\r\n"
        b"Delivered-To: hemlig@example.com\r\n"
    )
    assert b"\r\nSubject: Hej\r\n" in source
    assert "<dt>Även till</dt><dd>hemlig@example.com</dd>" in shown(box)


def test_letters_are_in_order_though_they_come_at_once(box):
    for number in range(3):
        send(box, written(f"Brev {number}"))
    assert [letter["subject"] for letter in ask(box.url + "/state")[1]["letters"]] == [
        "Brev 2",
        "Brev 1",
        "Brev 0",
    ]
    names = [path.name for path in sorted(box.folder.iterdir())]
    assert names == [f"20261122T09000000000{number}.eml" for number in range(3)]


def test_many_senders_at_once(box):
    def send_ten(person):
        for number in range(10):
            send(box, written(f"{person}.{number}"))

    senders = [threading.Thread(target=send_ten, args=(person,)) for person in range(5)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    subjects = {summary.subject for _name, summary in box.listed()}
    assert subjects == {f"{person}.{number}" for person in range(5) for number in range(10)}


# -- what a letter must not do ----------------------------------------------------------------------------


def test_html_is_kept_apart_from_the_page(box):
    script = "<script>parent.document.title='hit'</script><img src=x onerror=alert(1)>"
    send(box, written("<script>alert(1)</script>", "</pre><script>alert(2)</script>", script))
    for page in (get(box, "/")[1], shown(box)):
        assert "<script" not in page and "onerror" not in page
        assert "&lt;script&gt;alert(1)" in page
    frame = re.search(r"<iframe[^>]*>", shown(box))[0]
    allowed = re.search(r'sandbox="([^"]*)"', frame)[1].split()
    assert not {"allow-scripts", "allow-same-origin", "allow-top-navigation", "allow-forms"} & {*allowed}
    _status, html, headers = get(box, newest(box) + "/html")
    assert script in html  # it is there, and what keeps it still goes with it, also outside the frame
    policy = dict(rule.partition(" ")[::2] for rule in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["form-action"] == policy["base-uri"] == "'none'"
    assert "script-src" not in policy and "allow-scripts" not in policy["sandbox"]
    assert "https:" not in policy["img-src"]


class Ear(plumbing.Handler):
    """Hears what is asked for."""

    def respond(self, path, _query):
        self.service.append(path)
        self.send(Answer(data=b"", content_type="text/html"))


CHROMIUM = shutil.which("chromium")


@pytest.mark.skipif(not CHROMIUM, reason="no chromium")
def test_a_browser_runs_nothing_of_a_letter(box, tmp_path):
    """Whatever a letter makes it ask for would be heard."""
    heard = []
    ear = plumbing.Server(Ear, service=heard).start()
    send(
        box,
        written(
            html="<p id=told>brevet</p><script>document.getElementById('told').textContent='kört';"
            f"new Image().src='{ear.url}/script'</script>"
            f"<svg onload=\"new Image().src='{ear.url}/svg'\"></svg><iframe src='{ear.url}/frame'></iframe>"
            f"<link rel=stylesheet href='{ear.url}/style'>"
            f"<img src='{ear.url}/picture'>"  # this one may be: it is on this machine
            f"<meta http-equiv=refresh content='0;url={ear.url}/refresh'>"
        ),
    )
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    for path, there in (("", "<iframe"), ("/html", '<p id="told">brevet</p>')):
        address = box.url + newest(box) + path
        command = [CHROMIUM, *options, "--virtual-time-budget=3000", "--dump-dom", address]
        page = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
        assert there in page
    ear.stop()
    assert {*heard} == {"/picture"}


def test_pictures_of_a_letter_are_its_own(box):
    letter = written(html='<img src="cid:logo@x"><img src="cid:other">')
    letter.get_payload()[1].add_related(b"\x89PNG", "image", "png", cid="<logo@x>")
    send(box, letter)
    html = get(box, newest(box) + "/html")[1]
    assert f'<img src="{newest(box)}/bilaga/0"><img src="cid:other">' in html
    assert ask(f"{box.url}{newest(box)}/bilaga/0")[1] == b"\x89PNG"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ('a"; x=\r\nSet-Cookie: a=b', "attachment; filename*=UTF-8''a%22%3B%20x%3D%20Set-Cookie%3A%20a%3Db"),
        ("../../etc/passwd", "attachment; filename*=UTF-8''.._.._etc_passwd"),
    ],
)
def test_the_name_of_an_attachment_is_only_a_name(box, name, told):
    encoded = "".join(f"%{byte:02X}" for byte in name.encode())
    send(
        box,
        b"Subject: x\r\nContent-Type: application/pdf\r\n"
        b"Content-Disposition: attachment; filename*=UTF-8''" + encoded.encode() + b"\r\n\r\n%PDF",
    )
    status, data, headers = ask(f"{box.url}{newest(box)}/bilaga/0")
    assert (status, data.strip()) == (200, b"%PDF")
    assert (headers["Content-Disposition"], headers["Set-Cookie"]) == (told, None)


def test_a_header_is_one_line(box):
    send(box, b"Subject: =?utf-8?q?Hej=0D=0ABcc:_x@example.com?=\r\n folded\r\n\r\nx")
    assert box.listed()[0][1].subject == "Hej Bcc: x@example.com folded"


# -- odd letters ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("letter", "subject"),
    [
        (b"", ""),
        (b"no headers at all", ""),
        (b"Subject:\r\n\r\nx", ""),
        (b"Subject: =?nonsense?b?4pyT?=\r\n\r\nx", "=?nonsense?b?4pyT?="),
        (b"Subject: =?utf-8?b?a?=\r\n\r\nx", "=?utf-8?b?a?="),
        (b"Subject: =?utf\xff-8?q?a?=\r\n\r\nx", "=?utf�-8?q?a?="),
        ("Subject: Träning åt alla\r\n\r\nx".encode(), "Träning åt alla"),
        (b"Subject: Tr\xe4ning\r\n\r\nx", "Tr�ning"),
        (b"Subject: a\x00b\x1b[31m\r\n\r\nx", "a b [31m"),
        ("Subject: a\u202eb\r\n\r\nx".encode(), "a b"),
        (b"Subject: a\r\nContent-Type: text/plain; charset=rot13\r\n\r\nx", "a"),
        (b'Subject: a\r\nContent-Type: text/plain; charset="\x00"\r\n\r\nx', "a"),
        (b"Subject: a\r\nContent-Type: text/html; charset=utf-7\r\n\r\n+2AA-", "a"),
        (b"Subject: a\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!", "a"),
        (b"Subject: a\r\nContent-Type: multipart/mixed\r\n\r\nx", "a"),
        (b"Subject: a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", "a"),
        (b"Subject: a\r\nContent-Type: message/rfc822\r\n\r\nSubject: \xff\r\n\r\n\xff", "a"),
        (b"Subject: a\r\nContent-Type: ;;;=\r\nContent-Disposition: ;=*\r\n\r\nx", "a"),
        (b"Subject: a\r\nContent-Disposition: attachment; filename*=x'\r\n\r\nx", "a"),
        (b"Subject: a\r\n\r\n" + b"x" * 50_000, "a"),
    ],
)
def test_odd_letters_are_shown(box, letter, subject):
    send(box, letter)
    assert box.listed()[0][1].subject == subject
    assert get(box, "/")[0] == 200
    status, page, _headers = get(box, newest(box))
    assert status == 200
    for link in re.findall(r'(?:href|src)="(/[^"]+)"', page):
        assert ask(box.url + link)[0] == 200
    if not subject:
        assert "(inget ämne)" in page


def test_parts_in_parts_without_end(box):
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000)
    )
    send(box, b"Subject: djupt\r\n" + deep)
    assert "boundary=b1999" in shown(box)


def test_addresses_of_the_envelope_stand_in_for_headers(box):
    send(box, b"\r\nHej", to=("a@example.com", "b@example.com"))
    assert (box.listed()[0][1].sender, box.listed()[0][1].to) == ("<disk@example.com>", "a@example.com")


def test_names_are_as_they_are_spoken(box):
    send(
        box, b'From: "Ek, Astrid" <a@example.com>\r\nTo: "A" <a@example.com>, "B\\"" <b@example.com>\r\n\r\nx'
    )
    summary = box.listed()[0][1]
    assert summary.sender == "Ek, Astrid <a@example.com>"
    assert summary.to == 'A <a@example.com>, "B\\"" <b@example.com>'


def test_addresses_beyond_ascii(box):
    with smtplib.SMTP("127.0.0.1", box.smtp_port, timeout=10) as smtp:
        letter = "Subject: Hallå\r\n\r\nx".encode()
        smtp.sendmail("disk@example.com", ["åsa@exempel.example"], letter, mail_options=["SMTPUTF8"])
    assert box.listed()[0][1].to == "åsa@exempel.example"


def test_a_letter_that_is_too_large_is_refused(tmp_path):
    with Letterbox(tmp_path, most=10_000) as box:
        with pytest.raises(smtplib.SMTPSenderRefused) as told:  # its size was told beforehand
            send(box, b"x" * 20_000)
        assert told.value.smtp_code == 552
        with smtplib.SMTP("127.0.0.1", box.smtp_port, timeout=10) as smtp:
            smtp.ehlo()
            smtp.mail("disk@example.com")
            smtp.rcpt("astrid@example.com")
            assert smtp.data(b"x\r\n" * 10_000)[0] == 552
        send(box, written("liten"))
        assert [summary.subject for _name, summary in box.listed()] == ["liten"]


def test_a_letter_that_cannot_be_kept_is_refused(box):
    shutil.rmtree(box.folder)
    with pytest.raises(smtplib.SMTPDataError) as told:
        send(box, written())
    assert told.value.smtp_code == 452
    assert box.listed() == []


# -- what is kept -----------------------------------------------------------------------------------------


def test_the_box_is_emptied(box):
    send(box, written())
    path = newest(box)
    status, _data, headers = ask(box.url + "/control/reset", b"all=1", FORM)
    assert (status, headers["Location"]) == (303, "/")
    assert "Inga brev har kommit" in get(box, "/")[1]
    assert [get(box, path + rest)[0] for rest in ("", ".eml", "/html", "/bilaga/0")] == [404] * 4
    assert [*box.folder.iterdir()] == []


def test_the_oldest_go(tmp_path):
    with Letterbox(tmp_path, kept=2) as box:
        for number in range(4):
            send(box, written(f"Brev {number}"))
        assert [summary.subject for _name, summary in box.listed()] == ["Brev 3", "Brev 2"]
        assert len([*tmp_path.iterdir()]) == 2


def test_a_letter_that_somebody_has_removed(box):
    send(box, written())
    path = newest(box)
    for file in box.folder.iterdir():
        file.unlink()
    assert get(box, path)[0] == 404
    assert box.listed() == []


@pytest.mark.parametrize(
    "path", ["/brev/", "/brev/20261122T090000000000", "/brev/../service.py", "/brev/99999999T999999999999"]
)
def test_pages_that_are_not(box, path):
    assert get(box, path)[0] == 404


def test_a_restart_keeps_the_letters(tmp_path):
    (tmp_path / "notes.eml").write_text("somebody's own")
    options = ("--letters", str(tmp_path))
    with process("letterbox", *options) as (running, address):
        smtp_port = ask(address + "/state")[1]["smtp_port"]
        with smtplib.SMTP("127.0.0.1", smtp_port, timeout=10) as smtp:
            smtp.send_message(written("Före"))
        running.kill()
    with process("letterbox", *options, "--smtp-port", str(smtp_port)) as (running, address):
        state = ask(address + "/state")[1]
        assert [letter["subject"] for letter in state["letters"]] == ["Före"]
        assert state["smtp_port"] == smtp_port
        running.terminate()
        assert running.wait(10) == 0


def test_who_is_in_the_midst_of_a_letter_does_not_keep_it_from_ending(tmp_path):
    box = Letterbox(tmp_path).start()
    smtp = smtplib.SMTP("127.0.0.1", box.smtp_port, timeout=10)
    smtp.ehlo()
    smtp.mail("disk@example.com")
    smtp.rcpt("astrid@example.com")
    smtp.putcmd("data")
    assert smtp.getreply()[0] == 354
    smtp.sock.sendall(b"Subject: half\r\n")
    box.stop()
    assert smtp.sock.recv(100) == b""
    smtp.close()
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("option", ["--port", "--smtp-port"])
def test_a_port_that_is_taken_is_told(tmp_path, option):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = str(other.getsockname()[1])
        command = [sys.executable, SIMULATORS / "letterbox", "serve", "--letters", tmp_path, option, taken]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert ended.returncode == 2
    assert ended.stderr.startswith("letterbox: ") and f"port {taken} is taken" in ended.stderr
