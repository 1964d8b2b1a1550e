"""The pages for a person trying the demo, in Swedish: the letters that have come, and one of them."""

import re
from html import escape
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from plumbing.page import document, form

from .letter import Letter, Summary
from .names import moment_of

# Links of a letter open in a window of their own, which is as any other.
HTML_SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
_SWEDEN = ZoneInfo("Europe/Stockholm")
_CID = re.compile(r"""(?<=["'(=])cid:([^"'()<>\s]+)""", re.IGNORECASE)

_STYLE = """:root { --back: #f5f4f0; --mark: #35588a }
td { vertical-align: top } td:first-child { white-space: nowrap } td:last-child { overflow-wrap: anywhere }
tr.letter:hover { background: var(--back) }
a { color: var(--mark) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .6rem 0 0 }
dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere }
iframe { width: 100%; height: 75vh; border: 1px solid var(--line); border-radius: .35rem; margin-top: .8rem;
  background: #fff }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; margin: .8rem 0 0 }
"""
_NO_SUBJECT = "(inget ämne)"


def _when(name: str) -> str:
    return moment_of(name).astimezone(_SWEDEN).strftime("%Y-%m-%d %H:%M:%S")


def _row(name: str, summary: Summary) -> str:
    subject = escape(summary.subject or _NO_SUBJECT)
    cells = (
        _when(name), escape(summary.sender), escape(summary.to), f'<a href="/brev/{name}">{subject}</a>',
    )  # fmt: skip
    return f"<tr class=letter>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def page(service) -> str:
    """The list of the letters, the newest first."""
    letters = service.listed()
    parts = ["<section>"]
    if letters:
        head = "".join(f"<th>{title}</th>" for title in ("Kom", "Från", "Till", "Ämne"))
        rows = "".join(_row(name, summary) for name, summary in letters)
        parts.append(
            f"<div class=scroll><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        )
        parts.append(form("reset", "Töm brevlådan", all="1"))
    else:
        parts.append("<p class=soft>Inga brev har kommit.</p>")
    about = "Här hamnar alla brev som Odoo skickar, det nyaste överst."
    return document("Brevlådan", about, [*parts, "</section>"], _STYLE)


def letter_page(name: str, letter: Letter) -> str:
    """One letter."""
    summary = letter.summary
    told = {
        "Kom": _when(name), "Från": summary.sender, "Till": summary.to, "Kopia": letter.copy_to,
        "Även till": ", ".join(letter.hidden),
    }  # fmt: skip
    parts = [
        '<p><a href="/">Alla brev</a></p>',
        f"<section><h2>{escape(summary.subject or _NO_SUBJECT)}</h2><dl>",
        *(f"<dt>{title}</dt><dd>{escape(value)}</dd>" for title, value in told.items() if value),
        "</dl>",
    ]
    for number, attachment in enumerate(letter.attachments):
        size = f"{max(1, round(len(attachment.data) / 1000))} kB"
        parts.append(
            f'<p>Bilaga: <a href="/brev/{name}/bilaga/{number}">{escape(attachment.name)}</a> '
            f"<span class=soft>{size}</span></p>"
        )
    text = f"<pre>{escape(letter.text or '')}</pre>"
    if letter.html is None:
        parts.append(text)
    else:
        parts.append(f'<iframe sandbox="{HTML_SANDBOX}" src="/brev/{name}/html" title="Brevet"></iframe>')
        if letter.text is not None:
            parts.append(f"<details><summary class=soft>Som text</summary>{text}</details>")
    parts.append(f'<p><a href="/brev/{name}.eml">Hämta brevet som fil</a></p></section>')
    return document("Brevlådan", "Ett brev som Odoo har skickat.", parts, _STYLE)


def framed_html(name: str, letter: Letter) -> str:
    """The HTML of a letter, to be shown in a frame of its own; IndexError when it has none."""
    if letter.html is None:
        raise IndexError("the letter has no HTML")
    numbers = {
        attachment.cid: number for number, attachment in enumerate(letter.attachments) if attachment.cid
    }

    def picture(found: re.Match) -> str:
        number = numbers.get(unquote(found[1]))
        return found[0] if number is None else f"/brev/{name}/bilaga/{number}"

    return f'<!DOCTYPE html><base target="_blank">{_CID.sub(picture, letter.html)}'
