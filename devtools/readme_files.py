"""Builds README.md and static/description/index.html of addons; run in the virtual environment by `readmes`.

python -m devtools.readme_files current|update ADDON…

prints one line per finding, or for `update` one per file written. What an addon says of itself stands in its
folder readme/, in Markdown, under the names that the Odoo Community Association uses.
"""

import ast
import sys
from html import escape
from pathlib import Path

from markdown_it import MarkdownIt

ADDONS = Path(__file__).resolve().parent.parent / "addons"
README = "README.md"
PAGE = "static/description/index.html"
# The fragment, its heading, and whether those who look for an app read it too.
SECTIONS = (
    ("DESCRIPTION", "", True),
    ("INSTALL", "Install", True),
    ("CONFIGURE", "Set up", True),
    ("USAGE", "Use", True),
    ("ROADMAP", "What is not certain, and not done", True),
    ("DEVELOP", "For developers", False),
)
NEEDED = "DESCRIPTION"
NOTE = "<!-- Built from readme/ and __manifest__.py by ./dev readme: change those. -->"
LICENCES = {"LGPL-3": "GNU Lesser General Public License, version 3 (LGPL-3)"}
DOCUMENT = """\
<!DOCTYPE html>
<html lang="en">
    <head>
        <meta charset="utf-8"/>
        <title>{name}</title>
    </head>
    <body>
        <div style="max-width: 54rem; margin: 0 auto; padding: 1rem; line-height: 1.5">
            <p><img src="icon.png" alt="" width="96" height="96"/></p>
            <h1>{name}</h1>
            <p style="font-size: 1.2em">{summary}</p>
{body}
        </div>
    </body>
</html>
"""


def main(task, *names):
    lines = []
    for name in names:
        folder = ADDONS / name
        lines += current(folder) if task == "current" else update(folder)
    print("\n".join(lines), end="\n" if lines else "")


def current(folder):
    """Yield what is not as the fragments and the manifest of the addon in `folder` have it."""
    fragments = folder / "readme"
    if not (fragments / f"{NEEDED}.md").is_file():
        yield f"{shown(fragments / NEEDED)}.md: missing; it says what the addon does"
        return
    known = {name for name, _heading, _page in SECTIONS}
    for path in sorted(fragments.iterdir()):
        if path.stem not in known or path.suffix != ".md":
            yield f"{shown(path)}: is put nowhere; there are {', '.join(f'{name}.md' for name in known)}"
    for path, text in built(folder).items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            yield f"{shown(path)}: is not as its sources are; ./dev readme {folder.name} builds it"


def update(folder):
    """Write the files of the addon in `folder` that are not current. Yield which."""
    for path, text in built(folder).items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            yield f"{shown(path)}: built"


def built(folder):
    """The texts of the files that are built for the addon in `folder`, by path."""
    manifest = read_manifest(folder)
    fragments = _fragments(folder)
    return {
        folder / README: readme(folder, manifest, fragments),
        folder / PAGE: page(folder, manifest, fragments),
    }


def read_manifest(folder):
    return ast.literal_eval((folder / "__manifest__.py").read_text(encoding="utf-8"))


def _fragments(folder):
    """The fragments of the addon in `folder`: text by name, those that there are."""
    paths = {name: folder / "readme" / f"{name}.md" for name, _heading, _page in SECTIONS}
    return {name: path.read_text(encoding="utf-8").strip() for name, path in paths.items() if path.is_file()}


def readme(folder, manifest, fragments):
    """README.md: all that there is to say, in Markdown."""
    parts = [f"# {manifest['name']}"]
    for name, heading, _page in SECTIONS:
        if name in fragments:
            parts += [f"## {heading}"] if heading else []
            parts.append(fragments[name])
    parts += ["## Depends on", depends(folder, manifest)]
    parts += ["## Licence", f"{licence(manifest)}. What has changed: [CHANGELOG.md](CHANGELOG.md)."]
    return "\n\n".join([NOTE, *parts]) + "\n"


def depends(folder, manifest):
    """What the addon needs, as Markdown."""
    lines = [f"- {_dependency(folder, name)}" for name in manifest["depends"]]
    packages = manifest.get("external_dependencies", {}).get("python", [])
    lines += [f"- the Python package {name}" for name in packages]
    if manifest.get("auto_install"):
        lines += ["", "It installs itself where all of these are."]
    return "\n".join(lines)


def _dependency(folder, name):
    other = folder.parent / name
    if not other.is_dir():
        return f"`{name}` of Odoo"
    return f"{read_manifest(other)['name']} (`{name}`)"


def licence(manifest):
    return LICENCES.get(manifest["license"], manifest["license"])


def page(folder, manifest, fragments):
    """index.html: what the page Apps shows. It takes nothing from elsewhere but the icon."""
    sections = [
        (heading, fragments[name]) for name, heading, shown in SECTIONS if shown and name in fragments
    ]
    sections += [("Depends on", depends(folder, manifest)), ("Licence", f"{licence(manifest)}.")]
    parts = []
    for heading, text in sections:
        parts += [f"<h2>{escape(heading)}</h2>"] if heading else []
        parts.append(to_html(text))
    parts.append(f"<p><small>{escape(manifest['author'])}, version {escape(manifest['version'])}</small></p>")
    return DOCUMENT.format(
        name=escape(manifest["name"]), summary=escape(manifest["summary"]), body="\n".join(parts)
    )


def to_html(text):
    """Markdown as HTML. A link to a file of the checkout becomes its words and the file's name."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    markdown.add_render_rule("link_open", _open_link)
    markdown.add_render_rule("link_close", _close_link)
    markdown.add_render_rule("table_open", lambda *_: '<table class="table table-sm">\n')
    return markdown.render(text).rstrip()


def _open_link(renderer, tokens, index, options, env):
    target = tokens[index].attrs["href"]
    env.setdefault("targets", []).append(target)
    return renderer.renderToken(tokens, index, options, env) if _is_outside(target) else "<em>"


def _close_link(renderer, tokens, index, options, env):
    target = env["targets"].pop()
    if _is_outside(target):
        return renderer.renderToken(tokens, index, options, env)
    return f"</em> ({escape(target.replace('../', '').partition('#')[0])})"


def _is_outside(target):
    return target.startswith(("https://", "http://"))


def shown(path):
    return path.relative_to(ADDONS.parent) if path.is_relative_to(ADDONS) else path


if __name__ == "__main__":
    main(*sys.argv[1:])
