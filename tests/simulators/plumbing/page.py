"""The page for a person trying the demo, in Swedish: what looks the same whatever the service is."""

import json
from html import escape

FAULT = {
    "timeout": "inget svar", "close": "kopplingen bryts", "status": "felsvar", "garbage": "oläsligt svar",
    "redirect": "omdirigering", "endless": "svar utan slut", "slow": "långsamt svar",
    "trickle": "svar i småbitar", "cut": "avhugget svar",
}  # fmt: skip

_STYLE = """:root { --ink: #1d2b36; --soft: #5c6b77; --line: #dde3e8; --paper: #fff; --back: #f3f5f7;
  --mark: #1f6f5c }
* { box-sizing: border-box }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--back); margin: 0 auto;
  padding: 1.5rem 1rem 4rem; max-width: 72rem }
h1 { font-size: 1.4rem; margin: 0 }
h2 { font-size: 1.2rem; margin: 0 } h3 { font-size: 1rem; margin: 0 }
p { margin: .4rem 0 } .soft { color: var(--soft) }
section { background: var(--paper); border: 1px solid var(--line); border-radius: .6rem; margin-top: 1.2rem;
  padding: 1rem 1.2rem }
header { display: flex; flex-wrap: wrap; gap: .3rem .8rem; align-items: baseline }
table { border-collapse: collapse; width: 100%; margin-top: .4rem }
th, td { text-align: left; padding: .2rem .5rem; border-bottom: 1px solid var(--line) }
th { font-weight: 600; color: var(--soft); font-size: .85rem }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
form { display: inline-flex; flex-wrap: wrap; gap: .4rem; align-items: center; margin: .4rem 1rem 0 0 }
button, input, select { font: inherit; padding: .25rem .6rem; border: 1px solid var(--line);
  border-radius: .35rem; background: var(--paper) }
button { background: var(--mark); border-color: var(--mark); color: #fff; cursor: pointer }
button.quiet { background: var(--paper); color: var(--mark) }
code { background: var(--back); padding: .15rem .4rem; border-radius: .3rem; user-select: all }
.scroll { overflow-x: auto }
"""


def document(title: str, about: str, parts: list, style: str = "") -> str:
    """The whole page. `style` is added to what is usual."""
    return f"""<!DOCTYPE html>
<html lang="sv"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>
{_STYLE}{style}</style></head><body>
<h1>{title}</h1>
<p class="soft">{about} Inget lämnar den här datorn.</p>
{"".join(parts)}</body></html>
"""


def kronor(ore: int) -> str:
    """An amount in öre as it is written in Swedish."""
    whole = f"{abs(ore) // 100:,}".replace(",", "\N{NO-BREAK SPACE}")
    return f"{'-' if ore < 0 else ''}{whole},{abs(ore) % 100:02d}"


def form(action: str, button: str, fields: str = "", quiet: bool = True, **hidden: str) -> str:
    """A button that does a control."""
    inputs = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in hidden.items()
    )
    button = f"<button{' class=quiet' if quiet else ''}>{button}</button>"
    return f'<form method="post" action="/control/{action}">{inputs}{fields}{button}</form>'


def choice(name: str, label: str, options: dict) -> str:
    """A field of a form: one of {value: text}."""
    listed = "".join(
        f'<option value="{escape(value)}">{escape(text)}</option>' for value, text in options.items()
    )
    return f'<select name="{name}" aria-label="{label}">{listed}</select>'


def faults(service, orders: list, describe) -> str:
    """What was ordered to go wrong, and what can be: [(text, order)]; `describe` tells of a fault."""
    parts = ["<section><header><h2>Nästa anrop som går fel</h2></header>"]
    for fault in service.faults:
        times = f", {fault.times} gånger" if fault.times > 1 else ""
        parts.append(f"<p>{escape(describe(fault) + times)}</p>")
    if not service.faults:
        parts.append("<p class=soft>Inget fel är beställt.</p>")
    options = {json.dumps(order): text for text, order in orders}
    parts.append(form("misbehave", "Låt det gå fel", choice("next", "Fel", options)))
    if service.faults:
        parts.append(form("misbehave", "Ångra", clear="1"))
    return "".join([*parts, "</section>"])
