"""What a plan shows of its changes and warnings."""

import pytest
from conftest import BY
from django.urls import reverse

from clinic.assessment import actions
from clinic.assessment.models import PlanChange
from clinic.assessment.queries import drafted, shown_of
from myotome.treatment import ScreenAnswer


def url(plan, name="plan"):
    key = plan.assessment.visit.patient_id
    return reverse(f"assessment:{name}", kwargs={"key": key, "pk": plan.pk})


def changed(plan, cast, kind, site="", **more):
    row = PlanChange(kind=kind, site=site, staff=cast.caring, **more)
    actions.change_plan(plan, row, number=plan.changes.count() + 1, by=BY)


def signed(plan, cast):
    return actions.sign_plan(plan, shown=shown_of(plan), staff=cast.caring, by=BY)


@pytest.mark.parametrize("is_signed", [False, True])
def test_a_change_says_to_what_and_a_warning_what_it_is(as_, plan, answered, cast, is_signed):
    answered(ScreenAnswer("anticoagulant", "yes"))
    site = drafted(plan)[0].lines[0].site
    changed(plan, cast, "insertions", site.name, side=site.side, level=site.level, to=3)
    changed(plan, cast, "sessions", to=5, reason="by train")
    if is_signed:
        signed(plan, cast)

    page = " ".join(as_("caring").get(url(plan)).content.decode().split())

    assert "1. Other number of insertions: " in page
    assert f"{site.side} to 3, Caring" in page
    assert "2. Other number of visits: to 5 (by train), Caring" in page
    assert '<p class="note moderate"><strong>Caution, visit 1.</strong> ' in page
