"""The tables of docs/security.md: read, and written as they should be."""

from pathlib import Path

PAGE = Path(__file__).parents[4] / "docs" / "security.md"


def read_table(heading):
    """Return the table below `heading` as {first cell: {column's name: text}}."""
    lines = iter(PAGE.read_text(encoding="utf-8").splitlines())
    for line in lines:
        if line.lstrip("#").strip() == heading and line.startswith("#"):
            break
    else:
        raise LookupError(f"docs/security.md has no heading {heading!r}")
    rows = []
    for line in lines:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])
        elif rows or line.startswith("#"):
            break
    columns, _, *cells = rows
    table = {row[0].strip("`"): dict(zip(columns[1:], row[1:], strict=True)) for row in cells}
    if len(table) != len(cells):
        raise ValueError(f"docs/security.md, {heading}: a row is there twice")
    return table


def written(name, cells):
    """A row as it stands in the page."""
    return f"| `{name}` | {' | '.join(cells)} |"


def differences(heading, found):
    """What is wrong with the table below `heading`, as rows of it: what has to go and what has to come.

    :param dict found: how it is, {row's name: {column's name: text}}
    :return: a text, empty when the page tells how it is
    """
    told = read_table(heading)
    lines = []
    for name in sorted(told.keys() | found.keys()):
        if told.get(name) != found.get(name):
            lines += [f"- {written(name, told[name].values())}"] if name in told else []
            lines += [f"+ {written(name, found[name].values())}"] if name in found else []
    return "\n".join(lines)
