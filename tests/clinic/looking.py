"""What a journey looks with: screenshots, axe, and the way to a person."""

import os
import re
import shutil
from pathlib import Path

import axe_playwright_python

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SHOTS = os.environ.get("CLINIC_SCREENSHOTS")


def shot(tab, name):
    if SHOTS:
        tab.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def violations(tab, only=None):
    """What axe finds, in words, and names that are given twice."""
    tab.evaluate(AXE)
    run_only = {"type": "rule", "values": only} if only else {"type": "tag", "values": RULES}
    found = tab.evaluate("runOnly => axe.run(document, {runOnly})", run_only)
    twice = tab.evaluate(
        "[...document.querySelectorAll('[id]')].map(e => e.id)"
        ".filter((id, at, all) => all.indexOf(id) !== at)"
    )
    return [f"{tab.url}: the name {name} is given twice" for name in twice] + [
        f"{tab.url}: {item['id']}: {item['nodes'][0]['html'][:200]}" for item in found["violations"]
    ]


def find(tab, name):
    tab.goto("/people/")
    tab.get_by_label("Name").fill(name)
    tab.get_by_role("button", name="Find").click()
    tab.get_by_role("link", name=re.compile(f"^{name},", re.IGNORECASE)).click()
