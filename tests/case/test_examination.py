"""What the inference gets to see of a case."""

from dataclasses import replace

import pytest

from myotome.atlas import Root
from myotome.case import Case, Outcome, Treatment
from myotome.examination.finding import finding


def tender(muscle: str, grade: int, week: float):
    return finding("tender_motor_point", muscle, side="left", grade=grade, week=week)


@pytest.fixture
def case() -> Case:
    return Case(
        id="x",
        findings=(
            tender("soleus", 3, 0),
            tender("infraspinatus", 2, 0),
            tender("soleus", 2, 1),
            tender("soleus", 0, 6),
            tender("tibialis_anterior", 1, 6),
        ),
        treatments=(Treatment("needling", week=4), Treatment("exercise", week=1)),
    )


def grades(found):
    return [(item.site.name, item.grade) for item in found]


def test_it_is_the_state_when_treatment_began(case):
    assert grades(case.examination()) == [("infraspinatus", 2), ("soleus", 2)]


def test_it_is_everything_newest_where_nothing_was_treated(case):
    untreated = replace(case, treatments=())

    assert grades(untreated.examination()) == [
        ("infraspinatus", 2),
        ("soleus", 0),
        ("tibialis_anterior", 1),
    ]


def test_a_week_can_be_chosen(case):
    assert grades(case.examination(0)) == [("soleus", 3), ("infraspinatus", 2)]
    assert case.examination(0.5) == case.examination(0)


def test_the_same_sign_at_both_sides_is_two_findings():
    both = tuple(
        finding("tender_motor_point", "soleus", side=side, grade=2) for side in ("left", "right")
    )

    assert Case(id="x", findings=both).examination() == both


def test_what_the_source_concluded_is_no_part_of_it(case):
    told = replace(
        case,
        title="A C6 lesion",
        notes="C6",
        basis="surgery",
        concluded=(Root("C6", "left"),),
        outcomes=(Outcome("nprs", 0, 6),),
    )

    assert told.examination() == case.examination()
    assert all(
        "C6" not in repr(found) and "surgery" not in repr(found) for found in told.examination()
    )


def test_the_hash_is_of_the_content(case):
    assert case.hash == replace(case, text="# another layout").hash
    assert case.hash != replace(case, notes="seen again").hash
    assert len(case.hash) == 64


def test_the_hash_does_not_tell_4_from_4_point_0(case):
    as_float = replace(case, outcomes=(Outcome("nprs", 4.0),))
    as_int = replace(case, outcomes=(Outcome("nprs", 4),))

    assert as_float == as_int
    assert as_float.hash == as_int.hash
