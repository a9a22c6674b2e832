"""Atlas text: what the atlas holds about one thing, as plain facts and as a page to read.

Each ``*_facts`` function takes a name as a person writes it and gives a dictionary of text,
numbers and lists: what ``myotome atlas ... --json`` prints. `page_of` lays facts out for people
and `print_facts` puts the page on a terminal. Nothing is concluded here: every line is a row of
the atlas with its sources, and where sources disagree the page says so.
"""

from myotome.report.atlas_text.facts import (
    FACTS,
    LISTS,
    condition_facts,
    list_facts,
    movement_facts,
    muscle_facts,
    nerve_facts,
    region_facts,
    segment_facts,
    sign_facts,
)
from myotome.report.atlas_text.pages import Page, Section, page_of
from myotome.report.atlas_text.printing import print_facts

__all__ = [
    "FACTS",
    "LISTS",
    "Page",
    "Section",
    "condition_facts",
    "list_facts",
    "movement_facts",
    "muscle_facts",
    "nerve_facts",
    "page_of",
    "print_facts",
    "region_facts",
    "segment_facts",
    "sign_facts",
]
