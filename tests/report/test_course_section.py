"""The weeks in the report: whole, labelled, honest, and equal to the course."""

import os
import re
import shutil
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

from myotome.case import Outcome, read_case
from myotome.report.course_section import HEADING, pain_figure, weeks_section
from myotome.report.course_words import PUBLISHED
from myotome.report.references import References
from myotome.simulation import RIVALS, simulate
from myotome.simulation.dataset import ILLUSTRATION

EXAMPLE = Path(__file__).parents[2] / "examples" / "fessler-c6-left.toml"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
HOSTILE = """</q><script>alert("1")</script><img src=x onerror='a()'>"""


def _static(name):
    return files("myotome.report").joinpath("static", name).read_text(encoding="utf-8")


@cache
def _case():
    return replace(read_case(EXAMPLE), outcomes=(Outcome("nprs", 2, 2),))


@cache
def _course(rival="segmental_root", draws=8):
    return simulate(_case(), weeks=3.0, draws=draws, rival=rival)


@cache
def _section():
    rivals = {name: _course(name) for name in ("no_circle", "context_only")}
    return weeks_section(_case(), _course(), rivals)


def test_it_is_well_formed_and_carries_no_style_or_handler(page):
    read = page(str(_section()))

    assert read.faults == []
    assert read.open == []
    for element in read.elements:
        assert "style" not in element["attrs"]
        assert not [name for name in element["attrs"] if name.startswith("on")]


def test_the_figure_of_pain_stands_by_itself_under_names_of_its_own():
    alone, whole = str(pain_figure(_case(), _course(), "alone")), str(_section())
    named = set(re.findall(r' id="([^"]+)"', alone))

    assert ILLUSTRATION in alone
    assert 'id="weeks-alone-pain-title"' in alone
    assert not (named - {"weeks-real-title", "weeks-real-desc"}) & set(
        re.findall(r' id="([^"]+)"', whole)
    )


def test_names_are_given_once_and_headings_step_down(page):
    read = page(str(_section()))
    names = [e["attrs"]["id"] for e in read.elements if "id" in e["attrs"]]

    assert len(names) == len(set(names))
    assert [e["tag"] for e in read.elements if re.fullmatch("h[1-6]", e["tag"])] == [
        "h2",
        *["h3"] * 4,
    ]


def test_every_figure_and_the_tables_hold_the_illustration_label(page, said):
    read = page(str(_section()))

    assert said(read.all("h2")[0]) == HEADING
    for figure in read.all("figure"):
        assert ILLUSTRATION in said(figure)
    assert ILLUSTRATION in said(read.all("details")[-1])


def test_every_drawing_has_a_title_and_a_description(page):
    read = page(str(_section()))
    drawings = [e for e in read.all("svg") if all(o["tag"] != "svg" for o in e["inside"])]

    assert len(drawings) > 20
    for drawing in drawings:
        inside = {e["tag"] for e in read.elements if any(o is drawing for o in e["inside"])}
        assert {"title", "desc"} <= inside


def test_every_table_has_a_caption_and_headers_with_their_scope(page):
    read = page(str(_section()))

    assert len(read.all("caption")) == len(read.all("table"))
    assert all(e["attrs"].get("scope") in {"col", "row", "rowgroup"} for e in read.all("th"))


def test_rivals_and_trials_stand_in_one_table_in_the_same_size(page, said):
    read = page(str(_section()))
    table = next(e for e in read.all("table") if e["attrs"]["class"] == "weeks-effects")
    rows = [said(e) for e in read.all("th") if any(o is table for o in e["inside"])]

    for name in ("segmental_root", "no_circle", "context_only"):
        assert any(row.startswith(RIVALS[name].title) for row in rows)
    for trial in PUBLISHED:
        assert any(row.startswith(trial.name) for row in rows)
    assert {e["attrs"].get("height") for e in read.all("svg")
            if e["attrs"].get("class") == "weeks-effect"} == {"18", "24"}  # fmt: skip


def test_the_same_numbers_stand_in_the_table(page):
    text = page(str(_section())).text
    end = _course().arm("untreated", "pain")[0, -1, 0]

    assert f"Untreated {end:.1f}" in text
    assert "Pain, central run" in text


def test_without_rivals_and_with_one_run_it_still_stands(page):
    section = weeks_section(_case(), _course(draws=1))

    assert page(str(section)).faults == []
    assert "90 % of runs" not in section
    assert RIVALS["segmental_root"].title in section


def test_weeks_without_a_needle_say_so_and_show_nothing_against_sham(page, said):
    course = _course()
    events = tuple(event for event in course.schedule.events if event.kind != "needling")
    bare = replace(course, schedule=replace(course.schedule, events=events))

    read = page(str(weeks_section(_case(), bare)))
    first = read.all("p")[0]

    assert read.faults == []
    assert said(first) == (
        "Nothing is needled in this illustration, so it says nothing about needling."
    )
    assert "Treated minus sham" not in read.text
    assert "In the model, week" not in read.text
    assert "points of 10 less pain" not in read.text
    assert PUBLISHED[0].name in read.text


def test_a_page_with_numbered_sources_gets_numbers():
    references = References()

    section = weeks_section(_case(), _course(), references=references)

    assert 'href="#source-1"' in section
    assert len(list(references.listed())) == len({s for t in PUBLISHED for s in t.row.source_ids})


def test_texts_of_a_case_are_escaped(page):
    case = replace(_case(), id=HOSTILE, title=HOSTILE, source=HOSTILE)

    section = weeks_section(case, _course())

    assert "<script" not in section
    assert page(str(section)).all("img") == []


def test_its_rules_use_tokens_and_no_colour_of_their_own():
    css = re.sub(r"/\*.*?\*/", "", _static("course.css"), flags=re.DOTALL)
    used = set(re.findall(r"var\((--[\w-]+)\)", css))
    tokens = _static("tokens.css")

    assert used <= set(re.findall(r"(--[\w-]+):", tokens))
    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", css)) <= {"#000"}


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM and "CI" not in os.environ, reason="no Chromium")
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_scrolls_sideways_and_no_label_lies_on_another(tmp_path, width):
    from playwright.sync_api import sync_playwright

    css = map(_static, ("tokens.css", "report.css", "course.css"))
    file = tmp_path / "weeks.html"
    layers = "@layer tokens, elements, components;"
    file.write_text(
        f"<!doctype html><html lang=en><meta charset=utf-8><title>a</title><meta name=viewport"
        f" content='width=device-width, initial-scale=1'><style>{layers}{''.join(css)}</style>"
        f"<body><main>{_section()}</main>",
        encoding="utf-8",
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": width, "height": 900})
        tab.goto(file.as_uri())
        tab.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
        reach = tab.evaluate("document.documentElement.scrollWidth")
        clashes = tab.evaluate(CLASHES)
        browser.close()

    assert reach == width
    assert clashes == []


CLASHES = """() => {
  const found = [];
  for (const drawing of document.querySelectorAll("svg.weeks-drawing")) {
    const boxes = [...drawing.querySelectorAll("text")].map(
      (text) => [text.textContent, text.getBoundingClientRect()]);
    boxes.forEach(([name, a], place) => {
      if (a.right > innerWidth) found.push(["off the page", name]);
      for (const [other, b] of boxes.slice(place + 1)) {
        const across = a.left < b.right - 1 && b.left < a.right - 1;
        if (across && a.top < b.bottom - 3 && b.top < a.bottom - 3) found.push([name, other]);
      }
    });
  }
  return found;
}"""
