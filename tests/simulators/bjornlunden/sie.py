"""`POST /import/sie/validate`: what the service's reader of SIE files would say, the common cases of it."""

import re

from .errors import Problem

_FIELD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\{[^}]*\})|(\S+)')


def _fields(line: str) -> list:
    return [
        re.sub(r"\\(.)", r"\1", quoted) if quoted or not (braces or bare) else (braces or bare)
        for quoted, braces, bare in _FIELD.findall(line)
    ]


def _ore(text: str) -> int | None:
    match = re.fullmatch(r"(-?)(\d+)(?:\.(\d{1,2}))?", text)
    if not match:
        return None
    sign, kronor, decimals = match.groups()
    return (-1 if sign else 1) * (int(kronor) * 100 + int((decimals or "0").ljust(2, "0")))


def validate(data: bytes) -> list:
    """The log of a file: [{"level", "message", "tag", "origin", "line"}]. CRITICAL stops an import."""
    text = data.decode("cp437")
    lines = [line.strip() for line in text.splitlines()]
    if not any(line.startswith("#") for line in lines):
        raise Problem("SIE_FILE_EMPTY_OR_FAULTY")
    log = []

    def tell(level: str, message: str, tag: str, line: int | None = None) -> None:
        entry = {"level": level, "message": message, "tag": tag, "origin": "DOCUMENT"}
        log.append(entry if line is None else {**entry, "line": str(line)})

    tags = {line.split()[0].upper() for line in lines if line.startswith("#")}
    for tag in ("#FLAGGA", "#PROGRAM", "#GEN", "#FNAMN"):
        if tag not in tags:
            tell("CRITICAL", f"{tag} saknas", tag)
    accounts = {
        _fields(line)[1] for line in lines if line.upper().startswith("#KONTO") and len(_fields(line)) > 1
    }
    voucher, total, missing = None, 0, set()
    for number, line in enumerate(lines, 1):
        if line == "}":
            if voucher is not None and total:
                tell(
                    "CRITICAL",
                    f"Verifikationen balanserar inte, differens {total / 100:.2f}",
                    "#VER",
                    voucher,
                )
            voucher = None
        if not line.startswith("#"):
            continue
        tag, *fields = _fields(line)
        if tag == "#FLAGGA" and fields[:1] == ["1"]:
            tell("WARNING", "Filen är redan inläst", tag, number)
        elif tag == "#ORGNR" and fields and "-" not in fields[0]:
            tell("INFO", "Organisationsnumret saknar bindestreck", tag, number)
        elif tag == "#VER":
            voucher, total = number, 0
            if len(fields) < 3 or not re.fullmatch(r"\d{8}", fields[2]):
                tell("CRITICAL", "Verifikationen saknar datum", tag, number)
            if len(fields) > 1 and fields[1] and not (fields[1].isdecimal() and int(fields[1]) < 2**31):
                tell("CRITICAL", "Verifikationsnumret är inte numeriskt", tag, number)
            if fields and len(fields[0]) > 1:
                tell("INFO", "Serien har mer än ett tecken", tag, number)
        elif tag == "#TRANS":
            amount = _ore(fields[2]) if len(fields) > 2 else None
            if amount is None:
                tell("CRITICAL", "Beloppet kan inte läsas", tag, number)
            if not fields or not re.fullmatch(r"\d{1,6}", fields[0]):
                tell("CRITICAL", "Kontonumret är inte numeriskt eller för långt", tag, number)
            elif fields[0] not in accounts and fields[0] not in missing:
                missing.add(fields[0])
                tell("INFO", f"Konto {fields[0]} saknas vid import", tag, number)
            total += amount or 0
    return log
