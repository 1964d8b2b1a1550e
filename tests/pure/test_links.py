"""Links of the README, the docs and the addons' readmes lead to what is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted(
    [
        ROOT / "README.md",
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("addons/*/README.md"),
        *ROOT.glob("*/README.md"),
    ]
)


def links(path):
    """Yield (file, anchor) of each link within the checkout."""
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if not target.startswith(("https://", "http://", "mailto:")):
            name, _, anchor = target.partition("#")
            yield (path.parent / name).resolve() if name else path, anchor


def anchors(path):
    """The anchors that headings have where Markdown is shown: lower case, words joined by hyphens."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    headings = re.findall(r"^#+ (.+)$", text, flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for path, anchor in links(page):
        assert path.exists(), f"{path} is not there"
        if anchor:
            assert anchor in anchors(path), f"{path} has no heading #{anchor}"


@pytest.mark.parametrize(
    "page", sorted(ROOT.glob("docs/sv/*.md")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_a_page_and_its_swedish_one_link_to_each_other_and_have_the_same_parts(page):
    english = ROOT / "docs" / page.name
    assert english in [path for path, _anchor in links(page)]
    assert page in [path for path, _anchor in links(english)]

    def shape(path):
        lines = path.read_text(encoding="utf-8").splitlines()
        levels = [re.match(r"#+ ", line)[0] for line in lines if re.match(r"#+ ", line)]
        pictures = [name for line in lines for name in re.findall(r"!\[.*?\]\(.*?(\w[\w-]*\.png)\)", line)]
        return levels, pictures, sum(line.startswith("|") for line in lines)

    assert shape(page) == shape(english)
