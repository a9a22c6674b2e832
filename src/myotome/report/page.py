"""The page: turns templates and style sheets into one self-contained HTML text.

Everything a page needs stands in it, and its policy allows nothing else: no request leaves it, and
only the styles and the script whose hashes it names are used. Text is escaped by default.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from myotome.report.body import BODY_CSS

_CSS_TEXT: Final = re.compile(r"[^\w .,()+-]", re.ASCII)


@cache
def style_sheet() -> str:
    """Tokens, elements and components, with the body drawing's own rules among the last."""
    texts = [_static(name) for name in ("tokens.css", "spine.css", "report.css", "outcome.css")]
    layers = "@layer tokens, elements, components;"
    return "\n".join([layers, *texts, f"@layer components {{\n{BODY_CSS}}}"])


@cache
def script() -> str:
    """The one script: opens what is folded while the page is printed."""
    return _static("report.js").strip()


def page_foot(left: str, right: str) -> str:
    """The rule that prints a foot on each sheet: what it is, and page x of y.

    Args:
        left: Case and version.
        right: What every sheet has to say.
    """
    small = "font: 8pt system-ui, sans-serif; color: #555"
    page = 'content: "Page " counter(page) " of " counter(pages)'
    return (
        f'@page {{ @bottom-left {{ content: "{_css_text(left)}"; {small} }}'
        f" @bottom-center {{ {page}; {small} }}"
        f' @bottom-right {{ content: "{_css_text(right)}"; {small} }} }}'
    )


def _css_text(text: str) -> str:
    """Text that can stand between quotation marks in a style sheet."""
    return _CSS_TEXT.sub(lambda found: f"\\{ord(found.group()):x} ", text)


def policy(styles: Sequence[str], scripts: Sequence[str]) -> str:
    """The content security policy of a page that holds exactly these styles and scripts."""
    return (
        f"default-src 'none'; style-src {_hashes(styles)}; script-src {_hashes(scripts)};"
        " base-uri 'none'; form-action 'none'"
    )


def _hashes(texts: Sequence[str]) -> str:
    digests = (hashlib.sha256(text.encode()).digest() for text in texts)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def render(
    template: str,
    context: Mapping[str, Any],
    filters: Mapping[str, Callable[..., Any]],
    *,
    foot: str,
    sheets: Sequence[str] = (),
) -> str:
    """The text of a page.

    Args:
        template: Name of a template of this package.
        context: What it shows.
        filters: How it shows it.
        foot: The rule of the printed foot.
        sheets: Names of the style sheets that it needs beside the common one.
    """
    environment = Environment(
        loader=PackageLoader("myotome.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= dict(filters)
    styles = (style_sheet(), *map(_static, sheets), foot)
    frame = {
        "styles": [Markup(style) for style in styles],  # noqa: S704 - our own files, and escaped text
        "script": Markup(script()),  # noqa: S704 - our own file
        "policy": Markup(policy(styles, [script()])),  # noqa: S704 - hashes
    }
    return environment.get_template(template).render({**frame, **context}) + "\n"


def _static(name: str) -> str:
    return files(__package__).joinpath("static", name).read_text(encoding="utf-8")
