"""The living page: no token is missing from it, and no part that the list of its parts names."""

import re
from importlib.resources import files
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from clinic.components import CONTENTS, tokens


@pytest.fixture
def page(founded):
    return Client().get(reverse("components")).content.decode()


def test_every_token_of_the_stylesheet_is_shown_with_its_value(page):
    css = (files("myotome.report") / "static" / "tokens.css").read_text(encoding="utf-8")
    named = set(re.findall(r"--([\w-]+):", css))
    shown = dict(re.findall(r"<code>--([\w-]+)</code> <span class=\"caption\">(.*?)</span>", page))

    assert set(shown) == named
    assert shown["ink"] == "#1a1f23 · #e9edef"
    assert shown["glass"] == "#ffd21f · #ffd21f"
    assert shown["s5"] == "1.5rem"
    assert set(re.findall(r'fill="var\(--([\w-]+)\)"/></svg><code>--\1<', page)) == {
        one.name for _, rows in tokens()["colours"] for one in rows
    }


def test_every_style_of_type_is_set_in_its_own_type(page):
    style = Path(finders.find("clinic/components.css")).read_text(encoding="utf-8")

    for one in tokens()["type"]:
        assert f".type-{one.name} {{ font: var(--{one.name}); }}" in style
        assert f'class="type-{one.name}"' in page


def test_every_part_of_the_list_is_on_the_page_once(page):
    headings = re.findall(r'<h2 id="(c-\w+)">', page)

    assert [key for key, _ in CONTENTS] == headings
    assert all(f'href="#{key}"' in page for key in headings)


def test_the_parts_are_those_of_the_pages_and_show_their_states(page):
    for words in (
        "Known allergies: Latex, Nickel",
        "and 2 more",
        "Allergies not recorded",
        "Nothing is free in the next 60 days",
        "second lane",
        "This holds",
        "At most 180°.",
        "Record a first sign to begin",
        "The model waits until you have noted your impression",
        "No clinical accuracy is known",
        "waiting for its turn",
        "It failed. It ended with MemoryError.",
        "The plan changed since it was illustrated last",
        "forearm",
        "Nothing recorded yet",
        "Thumb, right (1)",
        "Spinous process C6, right, 1 recorded",
        "1 question that can stop needling is not answered",
        "same-day medical assessment",
        "Clear first.",
        "No site is planned",
        "which was not concluded",
        "Could not lie prone any longer",
        "Nearest: Brachioradialis",
        "Say why: the reason is kept with the plan.",
        "No depth is known.",
        "19 mm or less (59 healthy adults",
        "No safe depth is known",
        "Illustration of a hypothesis. Not a forecast for this person.",
        "No root was concluded, so there are no weeks",
        "The central run alone, at rate level",
        "Not asked",
        "a line starts with the second",
        "not more than the smallest change people notice",
        "Pain was not asked at any visit yet",
        "Nothing has been studied on this.",
        "Show that it is you",
        "What you typed is kept.",
    ):
        assert words in page, words


def test_what_a_lock_says_without_an_answer_is_what_its_script_says(page):
    script = Path(finders.find("clinic/shell.js")).read_text(encoding="utf-8")
    words = "Locked. The clinic does not answer; what you typed waits here."

    assert words in page
    assert words in script


def test_no_name_is_given_twice_and_every_label_has_its_field(page):
    names = re.findall(r'\sid="([^"]+)"', page)

    assert len(names) == len(set(names))
    assert set(re.findall(r'<label[^>]* for="([^"]+)"', page)) <= set(names)
