"""Reads and writes .pot and .po files with polib; run inside the virtual environment by `translations`.

python -m devtools.po_files complete|current|update FOLDER ADDON…

prints one line per finding, or for `update` one per file written.
"""

import re
import sys
from pathlib import Path

import polib

ADDONS = Path(__file__).resolve().parent.parent / "addons"
LANGUAGE = "sv"
HEADER = """\
Translation of Odoo Server.
This file contains the translation of the following modules:
* {}
"""
PLACEHOLDER = re.compile(r"%\(\w+\)[sdifr]|%[sdifr]|\{\w*\}|#\{[^}]*\}")
TAG = re.compile(r"</?[a-zA-Z][\w.-]*")


def main(task, exported, *names):
    terms = {name: exported_terms(Path(exported), name) for name in names} if task != "complete" else {}
    lines = []
    for name in names:
        folder = ADDONS / name / "i18n"
        pot, po = folder / f"{name}.pot", folder / f"{LANGUAGE}.po"
        if task == "complete":
            lines += complete(po)
        elif task == "current":
            wanted = terms[name]
            lines += [finding for path in (pot, po) for finding in current(path, set(wanted), name)]
        else:
            lines += update(pot, po, terms[name], name)
    print("\n".join(lines), end="\n" if lines else "")


def exported_terms(folder, name):
    """The entries of Odoo's export of an addon, by term."""
    path = folder / f"{name}.pot"
    return {entry.msgid: entry for entry in polib.pofile(str(path))} if path.exists() else {}


def complete(po):
    """Yield what is not translated in the file `po`, or not as its source demands."""
    if not po.exists():
        return
    for entry in polib.pofile(po):
        if entry.obsolete:
            continue
        where = f"{shown(po)}:{entry.linenum}"
        if entry.fuzzy:
            yield f"{where}: fuzzy: {entry.msgid!r}"
        elif not entry.msgstr:
            yield f"{where}: not translated: {entry.msgid!r}"
        elif sorted(PLACEHOLDER.findall(entry.msgid)) != sorted(PLACEHOLDER.findall(entry.msgstr)):
            yield f"{where}: other placeholders than its source: {entry.msgid!r}"
        elif sorted(TAG.findall(entry.msgid)) != sorted(TAG.findall(entry.msgstr)):
            yield f"{where}: other tags than its source: {entry.msgid!r}"


def current(path, wanted, name):
    """Yield the terms that `path` lacks or has too many of."""
    if not path.exists():
        if wanted:
            yield f"{shown(path)}: missing; ./dev i18n {name} makes it"
        return
    found = {entry.msgid for entry in polib.pofile(path) if not entry.obsolete}
    for msgid in sorted(wanted - found):
        yield f"{shown(path)}: lacks {msgid!r}; ./dev i18n {name} adds it"
    for msgid in sorted(found - wanted):
        yield f"{shown(path)}: {msgid!r} is used no more; ./dev i18n {name} removes it"


def update(pot, po, terms, name):
    """Write the terms into `pot` and merge them into `po`. Yield what was done."""
    if not terms:
        return
    template = polib.POFile()
    template.metadata = {
        "Project-Id-Version": "Odoo Server 19.0",
        "Language": "",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    template.header = HEADER.format(name)
    for entry in terms.values():
        comment = "\n".join([f"module: {name}", *_other_comments(entry)])
        template.append(polib.POEntry(msgid=entry.msgid, comment=comment, occurrences=entry.occurrences))
    pot.parent.mkdir(exist_ok=True)
    template.save(str(pot))
    yield f"{shown(pot)}: {len(template)} terms"

    translation = polib.pofile(po) if po.exists() else polib.POFile()
    translation.header = template.header
    plurals = "nplurals=2; plural=n != 1;"
    translation.metadata = {**template.metadata, "Language": LANGUAGE, "Plural-Forms": plurals}
    translation.merge(template)
    for entry in [entry for entry in translation if entry.obsolete]:
        translation.remove(entry)
    order = {msgid: number for number, msgid in enumerate(terms)}
    translation.sort(key=lambda entry: order[entry.msgid])
    translation.save(str(po))
    missing = sum(not entry.msgstr for entry in translation)
    yield f"{shown(po)}: {len(translation)} terms, {missing} to translate"


def _other_comments(entry):
    return [line for line in entry.comment.splitlines() if not line.startswith("module")]


def shown(path):
    return path.relative_to(ADDONS.parent)


if __name__ == "__main__":
    main(*sys.argv[1:])
