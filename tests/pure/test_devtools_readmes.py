"""What ./dev readme makes of an addon's readme/ and manifest."""

import pytest

pytest.importorskip("markdown_it")

from devtools import readme_files

MANIFEST = """{
    "name": "BRP Probe & Son",
    "version": "19.0.1.2.3",
    "summary": "Looks <into> things",
    "author": "BRP",
    "license": "LGPL-3",
    "depends": ["brp_other", "sale"],
    "external_dependencies": {"python": ["xyz"]},
    "auto_install": True,
}
"""


@pytest.fixture
def addon(tmp_path):
    other = tmp_path / "brp_other"
    other.mkdir()
    (other / "__manifest__.py").write_text('{"name": "BRP Other"}')
    folder = tmp_path / "brp_probe"
    (folder / "readme").mkdir(parents=True)
    (folder / "__manifest__.py").write_text(MANIFEST)
    (folder / "readme/DESCRIPTION.md").write_text("Looks. [More](../../docs/probe.md#more)\n")
    (folder / "readme/DEVELOP.md").write_text("`probe.py` does it.\n")
    return folder


def test_what_has_just_been_built_is_current(addon):
    assert len(list(readme_files.update(addon))) == 2
    assert list(readme_files.current(addon)) == []
    assert list(readme_files.update(addon)) == []


@pytest.mark.parametrize("changed", ["readme/DESCRIPTION.md", "README.md", "static/description/index.html"])
def test_a_change_on_either_side_is_told_of(addon, changed):
    list(readme_files.update(addon))
    with (addon / changed).open("a") as file:
        file.write("\nAnd more.\n")
    findings = list(readme_files.current(addon))
    assert findings
    assert all("./dev readme brp_probe builds it" in finding for finding in findings)


def test_a_raised_version_is_told_of(addon):
    list(readme_files.update(addon))
    manifest = addon / "__manifest__.py"
    manifest.write_text(manifest.read_text().replace("19.0.1.2.3", "19.0.1.3.0"))
    assert [finding.split(":")[0].rsplit("/", 1)[1] for finding in readme_files.current(addon)] == [
        "index.html"
    ]


def test_an_addon_that_says_nothing_of_itself_is_told_of(addon):
    (addon / "readme/DESCRIPTION.md").unlink()
    assert "DESCRIPTION.md: missing" in next(iter(readme_files.current(addon)))


def test_a_fragment_that_goes_nowhere_is_told_of(addon):
    (addon / "readme/USEAGE.md").write_text("Press the button.\n")
    assert "USEAGE.md: is put nowhere" in next(iter(readme_files.current(addon)))


def test_the_readme_tells_what_is_needed_and_how_it_is_made(addon):
    text = readme_files.built(addon)[addon / "README.md"]
    assert "# BRP Probe & Son\n\nLooks. [More](../../docs/probe.md#more)\n" in text
    assert "- BRP Other (`brp_other`)\n- `sale` of Odoo\n- the Python package xyz\n" in text
    assert "It installs itself where all of these are." in text
    assert "`probe.py` does it." in text


def test_the_page_in_apps_stands_alone(addon):
    (addon / "readme/USAGE.md").write_text("<script>alert(1)</script> [Site](https://example.org/a)\n")
    text = readme_files.built(addon)[addon / "static/description/index.html"]
    assert "<h1>BRP Probe &amp; Son</h1>" in text
    assert "Looks &lt;into&gt; things" in text
    assert "<p>Looks. <em>More</em> (docs/probe.md)</p>" in text
    assert '<a href="https://example.org/a">Site</a>' in text
    assert "<script" not in text
    assert "probe.py" not in text
