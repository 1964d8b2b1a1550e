"""What ./dev wheels finds in a wheel, and in what it installs."""

import zipfile

import pytest

from devtools import addons, wheels

MANIFEST = """{
    "name": "BRP Probe",
    "version": "19.0.1.2.3",
    "summary": "Björn's things",
    "author": "BRP",
    "license": "LGPL-3",
    "depends": ["brp_connector", "sale"],
    "external_dependencies": {"python": ["xyz"]},
}
"""
HEADERS = """\
Name: odoo-addon-brp_probe
Version: 19.0.1.2.3
Requires-Dist: odoo-addon-brp_connector==19.0.*
Requires-Dist: odoo==19.0.*
Requires-Dist: xyz
Summary: =?utf-8?q?Bj=C3=B6rn=27s_things?=
License: LGPL-3
Author: BRP

# BRP Probe

Looks.
"""


@pytest.fixture
def addon(tmp_path):
    return addons.Addon("brp_probe", put(tmp_path / "source/brp_probe"))


def put(folder):
    (folder / "data").mkdir(parents=True)
    (folder / "__manifest__.py").write_text(MANIFEST, encoding="utf-8")
    (folder / "data/rates.csv").write_text("25;12;6\n")
    return folder


def found(addon, folder, headers=HEADERS):
    """What is found in a wheel that says `headers`, and that has installed what is in `folder`."""
    put(folder / "odoo/addons/brp_probe")
    wheel = folder / "odoo_addon_brp_probe-19.0.1.2.3-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("odoo_addon_brp_probe-19.0.1.2.3.dist-info/METADATA", headers)
    return list(wheels.findings(addon, [wheel], folder))


def test_a_whole_wheel_has_nothing_to_be_said_of(addon, tmp_path):
    (addon.path / "pyproject.toml").write_text("")  # how it is built is not installed
    assert found(addon, tmp_path / "trial") == []


@pytest.mark.parametrize(
    ("told", "instead", "named"),
    [
        ("odoo-addon-brp_connector", "brp_connector", "Requires-Dist"),
        ("Requires-Dist: xyz\n", "", "Requires-Dist"),
        ("Version: 19.0.1.2.3", "Version: 19.0.1.2.3.72", "Version"),
        ("License: LGPL-3", "License: AGPL-3", "License"),
        ("# BRP Probe", "Probe", "README.md"),
    ],
)
def test_what_it_says_wrongly_is_named(addon, tmp_path, told, instead, named):
    findings = found(addon, tmp_path / "trial", HEADERS.replace(told, instead))
    assert len(findings) == 1
    assert named in findings[0]


def test_a_file_that_is_not_in_it_is_named(addon, tmp_path):
    (addon.path / "data/codes.csv").write_text("1;2\n")
    assert found(addon, tmp_path / "trial") == [
        "brp_probe: data/codes.csv is not in the wheel: is it committed?"
    ]


def test_a_file_that_is_another_one_is_named(addon, tmp_path):
    (addon.path / "data/rates.csv").write_text("25;12;7\n")
    assert found(addon, tmp_path / "trial") == ["brp_probe: data/rates.csv is another one in the wheel"]


def test_an_addon_without_a_wheel_is_named(addon, tmp_path):
    assert list(wheels.findings(addon, [], tmp_path)) == [
        "brp_probe: no wheel is called odoo_addon_brp_probe-19.0.1.2.3-py3-none-any.whl"
    ]
