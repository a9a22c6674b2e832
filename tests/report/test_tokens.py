"""The tokens: the colours of the interface, with the contrasts that it promises."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "src" / "myotome" / "report" / "static"
SHEET = (STATIC / "tokens.css").read_text(encoding="utf-8")

# ink, ground, contrast in light, contrast in dark: as the interface states them.
PROMISED = [
    ("ink", "paper", 16.6, 15.2),
    ("ink", "surface", 15.4, 13.6),
    ("ink-2", "paper", 7.7, 9.6),
    ("ink-2", "surface", 7.2, 8.6),
    ("ink-2", "sunk", 6.5, 7.4),
    ("line", "paper", 1.4, 1.8),
    ("edge", "paper", 4.3, 5.5),
    ("edge", "surface", 4.0, 4.9),
    ("edge", "sunk", 3.6, 4.2),
    ("accent", "paper", 7.4, 9.3),
    ("accent-strong", "paper", 10.9, 12.2),
    ("on-accent", "accent", 7.4, 9.4),
    ("critical", "paper", 8.0, 9.3),
    ("critical", "surface", 7.4, 8.3),
    ("critical", "critical-bg", 6.9, 8.2),
    ("high", "paper", 7.8, 10.3),
    ("high", "high-bg", 6.9, 8.8),
    ("moderate", "paper", 7.5, 11.8),
    ("moderate", "moderate-bg", 6.7, 9.6),
    ("low", "paper", 9.0, 11.1),
    ("low", "low-bg", 7.9, 8.3),
    ("done", "paper", 7.0, 10.5),
    ("done", "done-bg", 6.1, 8.4),
    ("demo", "paper", 9.8, 8.9),
    ("demo", "demo-bg", 8.3, 7.9),
    ("glass", "glass-bg", 11.5, 14.5),
    ("ink", "p0", 15.0, 13.1),
    ("ink", "p1", 12.5, 10.5),
    ("ink", "p2", 9.0, 7.3),
    ("ink", "p3", 5.6, 4.9),
    ("paper", "p4", 5.4, 6.0),
    ("paper", "p5", 9.7, 9.6),
    ("paper", "p6", 15.9, 14.5),
    ("treated", "paper", 8.2, 9.0),
    ("untreated", "paper", 5.1, 8.4),
    ("sham", "paper", 4.3, 5.7),
    ("context", "paper", 4.7, 5.8),
    ("focus-in", "focus-out", 13.4, 13.4),
]


def _block(start):
    """The colours of the block that begins with this selector."""
    begin = SHEET.index(start) + len(start)
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", SHEET[begin : SHEET.index("}", begin)]))


LIGHT = _block("  :root {")
PREFERRED = _block(':root:not([data-theme="light"]) {')
ASKED = _block(':root[data-theme="dark"] {')
PRINTED = _block(":root:root {")


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, two):
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("ink", "ground", "light", "dark"), PROMISED)
def test_contrasts_are_those_of_the_interface(ink, ground, light, dark):
    dark_colours = LIGHT | PREFERRED

    assert contrast(LIGHT[ink], LIGHT[ground]) == pytest.approx(light, abs=0.06)
    assert contrast(dark_colours[ink], dark_colours[ground]) == pytest.approx(dark, abs=0.06)


def test_dark_is_the_same_whether_preferred_or_asked_for():
    assert PREFERRED == ASKED
    assert PREFERRED.keys() == LIGHT.keys() - {"focus-in", "focus-out"}


def test_paper_is_white_and_ink_black_in_print():
    assert contrast(PRINTED["ink"], PRINTED["paper"]) == pytest.approx(21.0)
    assert contrast(PRINTED["ink-2"], PRINTED["paper"]) == pytest.approx(7.5, abs=0.06)


@pytest.mark.parametrize("colours", [LIGHT, PREFERRED], ids=["light", "dark"])
def test_steps_of_probability_go_one_way_in_lightness(colours):
    steps = [luminance(colours[f"p{step}"]) for step in range(7)]
    ways = {after > before for before, after in pairwise(steps)}

    assert len(ways) == 1


def test_every_token_that_is_used_exists():
    named = set(re.findall(r"--([\w-]+):", SHEET))
    used = set(re.findall(r"var\(--([\w-]+)", (STATIC / "report.css").read_text("utf-8")))

    assert used <= named


def test_layers_come_in_their_order():
    report = (STATIC / "report.css").read_text(encoding="utf-8")

    assert re.findall(r"^@layer (\w+)", SHEET + report, re.MULTILINE) == [
        "tokens",
        "elements",
        "components",
    ]
