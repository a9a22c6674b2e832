"""Published rows are whole: named once, sourced, with a role set beforehand and a check each."""

import csv
import math
from pathlib import Path

import pytest

from myotome.sources import sources
from myotome.validation import LINKS, ROLES, checks, published

PACKAGE = Path(__file__).parents[2] / "src" / "myotome"


def _waiting():
    """Sources that wait beside a table until they are moved into the one list."""
    for path in PACKAGE.rglob("sources_added*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            yield from (row["source_id"] for row in csv.DictReader(file))


def test_no_id_is_used_twice():
    names = [row.id for row in published()]

    assert len(names) == len(set(names))


def test_a_row_that_repeats_a_number_names_the_one_it_repeats():
    rows = {row.id: row for row in published()}
    again = [row for row in rows.values() if row.repeats]

    for row in again:
        first = rows[row.repeats]
        assert (row.role, first.role) == ("predicted", "predicted")
        assert (row.published, row.unit, row.source_ids) == (
            first.published,
            first.unit,
            first.source_ids,
        )
    assert len(again) == 9


def test_every_row_has_a_check_and_every_check_a_row():
    names = {row.id for row in published()}

    assert names - set(checks()) == set()
    assert set(checks()) - names == set()


def test_roles_links_and_numbers_are_legal():
    for row in published():
        assert row.role in ROLES, row.id
        assert row.link in LINKS, row.id
        assert row.kind in {"absolute", "relative"}, row.id
        assert math.isfinite(row.published), row.id
        assert 0.0 <= row.allowed < math.inf, row.id


def test_every_row_says_what_it_is_and_why_its_tolerance():
    for row in published():
        assert row.quantity, row.id
        assert row.unit, row.id
        assert row.tolerance_reason, row.id
        if row.unit == "claim":
            assert row.published == 1.0, row.id
            assert row.allowed == 0.0, row.id


@pytest.mark.parametrize("link", LINKS)
def test_at_least_half_of_what_was_published_on_a_link_is_predicted(link):
    roles = [row.role for row in published() if row.link == link]

    assert roles, "a link without rows"
    assert roles.count("predicted") >= roles.count("fitted")


def test_every_row_is_sourced():
    known = {*sources(), *_waiting()}
    for row in published():
        assert row.source_ids, row.id
        assert set(row.source_ids) - known == set(), row.id


def test_rows_stand_link_by_link():
    order = [list(LINKS).index(row.link) for row in published()]

    assert order == sorted(order)
