"""Evidence beside a claim: each line of the table is told, null trials in the same list."""

import html

import pytest
from conftest import BY
from django.urls import reverse
from examining import BAND, PIN, TENDER_C6, read, sign_screening

from clinic.assessment import actions
from clinic.assessment.evidence import OF_A_PLAN, OF_AN_ASSESSMENT, claim_of, claims_of
from clinic.assessment.models import Assessment
from myotome.report.evidence import CLAIMS, evidence


@pytest.fixture
def assessment(visit, cast):
    found = [read(BAND, 3), read(TENDER_C6, 3), read(PIN, 2)]
    actions.record_readings(visit, found, staff=cast.caring, by=BY)
    return actions.conclude(
        visit,
        verdict=Assessment.Verdict.ACCEPTED,
        roots=["C6-right"],
        reason="",
        words="",
        staff=cast.caring,
        by=BY,
    )


def test_every_line_of_the_table_stands_beside_a_claim_of_some_page():
    shown = claims_of((*OF_A_PLAN, *OF_AN_ASSESSMENT))

    assert {claim.key for claim in shown} == set(CLAIMS)
    assert sum(len(claim.rows) for claim in shown) == len(evidence())
    for claim in shown:
        assert all(row.sources for row in claim.rows)
        assert all(row.certainty in {"high", "moderate", "low", "very low"} for row in claim.rows)


def test_trials_that_found_nothing_stand_among_the_others_and_are_counted():
    (sham,) = claims_of(["sham"])
    says = [row.says for row in sham.rows]

    assert says.count("No difference") == 3
    assert "3 no difference" in sham.counted
    assert sham.certainty == "Very low to moderate"


def test_a_claim_that_nobody_has_studied_has_no_line_and_no_certainty():
    claim = claim_of("none", "Something", ())

    assert (claim.rows, claim.counted, claim.certainty) == ((), "", "")


def lines_of(page, topics):
    return [
        row.result for claim in claims_of(topics) for row in claim.rows if row.result not in page
    ]


def test_a_plan_and_an_assessment_show_what_was_studied(as_, assessment, visit, cast):
    client = as_("caring")
    sign_screening(visit, cast.caring)
    plan = actions.begin_plan(assessment, staff=cast.caring, by=BY)
    key = {"key": visit.patient_id}
    pages = {
        name: html.unescape(
            client.get(reverse(f"assessment:{name}", kwargs=key | {"pk": of.pk})).content.decode()
        )
        for name, of in (("plan", plan), ("assessment", assessment))
    }

    assert lines_of(pages["plan"], OF_A_PLAN) == []
    assert lines_of(pages["assessment"], OF_AN_ASSESSMENT) == []
    assert "no passage was read for it" in pages["plan"]  # of an adjunct: nothing stands behind it
    assert 'rel="noreferrer"' in pages["plan"]
