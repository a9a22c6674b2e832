"""Remarks name what a person should look at again."""

from dataclasses import replace

import pytest

from myotome.atlas import Root
from myotome.case import Assumption, Case, Person, Treatment, check_case, parse_case
from myotome.errors import InputError


@pytest.fixture
def case(text) -> Case:
    return parse_case(text)


def test_a_sound_case_has_none(case):
    assert check_case(case) == ()


@pytest.mark.parametrize(
    ("change", "remark"),
    [
        ({"source": " "}, "case.source: No source."),
        ({"concluded": (Root("C6", "left"),)}, "case.basis: A conclusion without its basis."),
        ({"findings": ()}, "finding: No findings"),
    ],
)
def test_what_is_missing_is_remarked(case, change, remark):
    (found,) = check_case(replace(case, **change))

    assert str(found).startswith(remark)


def test_findings_that_all_follow_treatment_are_remarked(case):
    late = tuple(replace(found, week=5) for found in case.findings)

    (remark,) = check_case(replace(case, findings=late, treatments=(Treatment("exercise"),)))

    assert remark.message == "Every finding is later than the first treatment."


@pytest.mark.parametrize(
    "path",
    [
        "person",
        "finding.sign",
        "finding[2].value",
        "finding[1-2].sign",
        "finding.value (strength)",
        "finding (none)",
        "treatment.week, outcome.week",
    ],
)
def test_an_assumption_about_a_place_that_is_there_is_well(case, path):
    assert check_case(replace(case, assumed=(Assumption(path, "So."),))) == ()


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("findings", "'findings' names no place of a case."),
        ("finding.signs", "'finding.signs' names no key of finding."),
        ("finding[3]", "'finding[3]' names an entry that is not there; finding has 2."),
        ("finding[2-1]", "'finding[2-1]' names an entry that is not there"),
        ("person[1]", "'person[1]' counts entries, but person is one table."),
        ("the dose", "'the dose' names no place of a case."),
    ],
)
def test_an_assumption_about_a_place_that_is_not_there_is_remarked(case, path, why):
    (remark,) = check_case(replace(case, assumed=(Assumption(path, "So."),)))

    assert remark.place == "assumed[1].path"
    assert remark.message.startswith(why)


def test_a_case_made_in_code_is_checked_as_if_it_were_read():
    with pytest.raises(InputError, match="height_m must lie between"):
        check_case(Case(id="x", person=Person(height_m=170)))
