"""A small PDF of lines of text, made by hand: a page of A4 for each 48 lines."""

_LINES = 48


def _text(line: str) -> bytes:
    plain = line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return plain.encode("cp1252", "replace")


def _page(lines: list) -> bytes:
    shown = b"".join(b"(%s) Tj T*\n" % _text(line) for line in lines)
    return b"BT\n/F1 10 Tf\n15 TL\n56 780 Td\n%sET\n" % shown


def pdf(title: str, lines: list) -> bytes:
    """The file. Letters that Windows-1252 lacks are question marks."""
    lines = [title, "", *lines]
    pages = [lines[first : first + _LINES] for first in range(0, len(lines), _LINES)]
    numbers = [5 + 2 * place for place in range(len(pages))]
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(b"%d 0 R" % n for n in numbers), len(pages)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
        b"<< /Title (%s) >>" % _text(title),
    ]
    for number, page in zip(numbers, pages, strict=True):
        content = _page(page)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >>"
            b" /Contents %d 0 R >>" % (number + 1)
        )
        objects.append(b"<< /Length %d >>\nstream\n%sendstream" % (len(content), content))
    written, places = b"%PDF-1.4\n%\xe5\xe4\xf6\xc5\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return written + (
        b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
        + b"trailer\n<< /Size %d /Root 1 0 R /Info 4 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (len(objects) + 1, len(written))
    )  # fmt: skip
