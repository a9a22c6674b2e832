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
    tab.wait_for_load_state()  # a page that is still coming has nothing to look at
    if SHOTS:
        tab.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def violations(tab, only=None):
    """What axe finds, in words, and names that are given twice."""
    tab.wait_for_load_state()
    if not tab.evaluate("'axe' in globalThis"):  # half a megabyte, read once a page
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


def end_session(tab):
    """The session ends unseen: no answer to what the page asks by itself tells it."""
    tab.context.route("**/account/stay/", lambda route: route.fulfill(status=204))
    tab.context.route("**/examination/?only=*", lambda route: route.abort())
    tab.context.clear_cookies(name="session")


def becomes(tab, state):
    """Somebody else signs in at this browser when all that it asked before is answered.

    An answer that came later would bring back the session of who sat there before.
    """
    tab.wait_for_load_state("networkidle")
    tab.context.clear_cookies()
    tab.context.add_cookies(state["cookies"])


TOO_SMALL = (
    "[...document.querySelectorAll('a, button, summary, select, label:has(input), input')]"
    ".filter(e => { const b = e.getBoundingClientRect(); return b.width > 1 && b.height > 1"
    " && (b.height < 24 || b.width < 24) && getComputedStyle(e).display !== 'inline'; })"
    ".map(e => e.outerHTML.slice(0, 90))"
)


def looked_at(tab, name):
    """What is wrong with the page as it stands: light, dark, small targets, too wide."""
    tab.emulate_media(color_scheme="light")
    shot(tab, f"{name}-light")
    found = violations(tab)
    found += [f"{name}: small {each}" for each in tab.evaluate(TOO_SMALL)]
    width = tab.evaluate("document.documentElement.scrollWidth")
    found += [f"{name}: {width} px wide"] if width > tab.viewport_size["width"] else []
    tab.emulate_media(color_scheme="dark")
    shot(tab, f"{name}-dark")
    found += violations(tab, only=["color-contrast"])
    tab.emulate_media(color_scheme="light")
    return found


# What a browser keeps until the clinic has taken it, sealed, as pairs of name and text.
ON_THE_DEVICE = """async () => {
  const opening = indexedDB.open('kept readings', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('drafts', { keyPath: 'name' });
  const database = await new Promise(done => { opening.onsuccess = () => done(opening.result); });
  const asked = database.transaction('drafts').objectStore('drafts').getAll();
  const rows = await new Promise(done => { asked.onsuccess = () => done(asked.result); });
  database.close();
  return rows.map(row => Object.entries(row).map(([name, value]) =>
    value instanceof ArrayBuffer
      ? [name, new TextDecoder('latin1').decode(value)] : [name, String(value)]));
}"""

# What a page does before it goes to the locked screen.
KEPT_ON_THE_DEVICE = """async () => {
  const detail = [];
  document.dispatchEvent(new CustomEvent('leaving', { detail }));
  return detail.length > 0 && (await Promise.all(detail)).every(Boolean);
}"""
