"""The evidence panel: every row sourced, in four words, null trials among them."""

import pytest

from myotome.report.evidence import (
    CERTAINTIES,
    CLAIMS,
    HONESTY,
    OUTCOMES,
    certainty_words,
    evidence,
    evidence_by_claim,
    known_sources,
    tally,
)
from myotome.sources import sources


@pytest.mark.parametrize("row", evidence(), ids=lambda row: row.evidence_id)
def test_each_row_is_whole(row):
    assert row.certainty in CERTAINTIES
    assert row.outcome in OUTCOMES
    assert row.topic in CLAIMS
    assert row.studied
    assert row.result
    assert row.read
    assert row.source_ids
    assert set(row.source_ids) <= known_sources().keys()


def test_rows_are_named_once_and_every_claim_has_some():
    names = [row.evidence_id for row in evidence()]

    assert len(names) == len(set(names))
    assert sum(len(rows) for _, rows in evidence_by_claim()) == len(names)
    assert all(rows for _, rows in evidence_by_claim())


def test_a_report_cites_the_common_table_of_sources():
    assert dict(known_sources()) == sources()


@pytest.mark.parametrize(("claim", "rows"), evidence_by_claim())
def test_a_count_leaves_no_line_out(claim, rows):
    counted = dict(tally(rows))

    assert claim
    assert sum(counted.values()) == len(rows)
    for row in rows:
        assert counted[OUTCOMES[row.outcome]] > 0
        assert row.certainty in CERTAINTIES
    assert certainty_words(rows).split(" to ")[0] in CERTAINTIES


def test_trials_without_a_difference_are_among_them():
    null = {row.evidence_id for row in evidence() if row.outcome == "no_difference"}

    assert {"sterling2015", "sanchez2020", "almushahhim2022", "llamas2014"} <= null


def test_the_honesty_list_has_fifteen_points_with_known_sources():
    assert len(HONESTY) == 15
    for item in HONESTY:
        assert set(item.source_ids) <= known_sources().keys()
