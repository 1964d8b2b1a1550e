"""What ./dev matrix and ./dev mutants decide by themselves: what is needed, what was told, what is known."""

import json
import subprocess
import sys

import pytest

from devtools import addons, console, matrix, mutants, pytest_server

DIFF = """\
--- mutation diff ---
--- a/addons/brp_x/rules.py
+++ b/addons/brp_x/rules.py
@@ -1,3 +1,3 @@
 def fee(amount):
-    return amount * 2
+    return amount * 3

"""


def outcome(test, diff=DIFF, worker="normal"):
    return json.dumps([{}, {"worker_outcome": worker, "test_outcome": test, "diff": diff}])


def test_a_change_that_no_test_tells_is_shown_as_the_line_and_what_became_of_it():
    dump = "\n".join([outcome("survived"), outcome("killed"), outcome(None, worker="skipped")])
    expected = mutants.Mutant("brp_x/rules.py", "return amount * 2", "return amount * 3")
    assert mutants._outcomes("brp_x/rules.py", dump) == (2, {expected})


def test_changes_of_lines_that_are_alike_are_told_apart():
    _tried, survived = mutants._outcomes("brp_x/rules.py", "\n".join([outcome("survived")] * 2))
    assert sorted(mutant.new for mutant in survived) == ["return amount * 3", "return amount * 3  (2)"]


def test_a_change_without_effect_stands_with_its_reason():
    text = "# a heading\n\nbrp_x/rules.py\n- a > b\n+ a >= b\n= They are never the same.\n"
    assert mutants.read_equal(text) == {
        mutants.Mutant("brp_x/rules.py", "a > b", "a >= b"): "They are never the same."
    }


def test_a_change_without_a_reason_is_refused():
    with pytest.raises(console.DevError, match=r"brp_x/rules\.py"):
        mutants.read_equal("brp_x/rules.py\n- a > b\n+ a >= b\n")


def test_rules_are_chosen_by_addon_or_file():
    assert mutants.select(["brp_24seven"]) == mutants.select(["rows"]) == ["brp_24seven/orders/rows.py"]
    assert mutants.select([]) == list(mutants.RULES)
    with pytest.raises(console.DevError, match="brp_demo"):
        mutants.select(["brp_demo"])


@pytest.mark.parametrize(("code", "test"), [(0, "assert True"), (1, "assert False"), (9, "while True: pass")])
def test_the_server_of_pytest_exits_as_pytest_does_and_ends_what_does_not_end(tmp_path, code, test):
    (tmp_path / "test_x.py").write_text(f"def test_x():\n    {test}\n")
    command = [sys.executable, "-m", "devtools.pytest_server", tmp_path / "socket", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout.readline() == "ready\n"
            options = ["-q", "-p", "no:odoo", "-p", "no:cacheprovider", f"--rootdir={tmp_path}"]
            asked = pytest_server.ask(str(tmp_path / "socket"), [*options, "-c", "/dev/null", str(tmp_path)])
        finally:
            server.kill()
    assert asked == code


def test_an_addon_needs_of_odoo_what_the_addons_of_ours_need_that_it_depends_on(tmp_path):
    ours = {}
    for name, depends in {"brp_a": ["sale", "brp_b"], "brp_b": ["mail"], "brp_c": ["event"]}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "__manifest__.py").write_text(repr({"name": name, "depends": depends}))
        ours[name] = addons.Addon(name, tmp_path / name)
    assert matrix.needs_of("brp_a", ours) == ["mail", "sale"]


@pytest.mark.parametrize(
    ("name", "category", "expected"),
    [
        ("sale_stock", "Sales/Sales", True),
        ("pos_sale", "Sales/Point of Sale", True),
        ("account_debit_note", "Accounting/Accounting", True),
        ("website_sale", "Website/Website", True),
        ("l10n_se", "Accounting/Localizations/Account Charts", True),
        ("l10n_no", "Accounting/Localizations/Account Charts", False),
        ("test_sale_product_configurators", "Sales/Sales", False),
        ("theme_default", "Website/Theme", False),
        ("hr_holidays", "Human Resources/Time Off", False),
    ],
)
def test_what_is_of_the_trade(name, category, expected):
    assert matrix._is_of_the_trade(name, {"category": category}) is expected


def test_an_addon_of_odoo_that_lacks_a_package_cannot_be_installed():
    assert matrix._can_be_installed({"external_dependencies": {"python": ["json"]}})
    assert not matrix._can_be_installed({"external_dependencies": {"python": ["no-such-package"]}})
    assert not matrix._can_be_installed({"installable": False})


def test_a_warning_is_told_with_the_step_that_it_came_in(tmp_path):
    log = tmp_path / "matrix.log"
    log.write_text(
        "MATRIX install\n"
        "2026-11-21 18:37:04,000 8774 INFO db odoo.modules.loading: loading\n"
        "MATRIX upgrade\n"
        "2026-11-21 18:37:05,000 8774 WARNING db odoo.fields: Field x has no inverse\n"
    )
    assert matrix.complaints(log) == ["upgrade: WARNING odoo.fields: Field x has no inverse"]


def test_a_step_that_was_not_reached_is_a_finding():
    step = {"seconds": 1, "found": []}
    case = matrix.Case("brp_a", ["brp_a"], [], steps=dict.fromkeys(matrix.STEPS, step))
    assert case.findings == []
    del case.steps["left behind"]
    assert case.findings == ["left behind: not reached"]
