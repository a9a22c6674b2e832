"""A finding is checked at the door, and its value is read as a grade."""

import pytest

from myotome.errors import InputError, UnknownName
from myotome.examination import Finding, check_consistent, finding, grade_of

GOOD = {"sign": "tender_motor_point", "site": "soleus", "side": "left", "grade": 2}


def refused(**changes):
    fields = {**GOOD, **changes}
    with pytest.raises(InputError) as caught:
        finding(fields.pop("sign"), fields.pop("site"), **fields)
    return caught.value


def test_it_works():
    made = finding("tender_motor_point", "soleus", side="left", grade=2, test="pressure", week=6)

    assert (made.sign, made.site.name, made.site.side, made.grade) == (
        "tender_motor_point", "soleus", "left", 2,
    )  # fmt: skip
    assert (made.test, made.week) == ("pressure", 6)


@pytest.mark.parametrize(
    ("changes", "place", "nearest"),
    [
        ({"sign": "tender_motorpoint"}, "sign", "tender_motor_point"),
        ({"site": "soleuss"}, "site", "soleus"),
        (
            {"sign": "range", "site": "ankle_dorsiflexion", "limited_by": "soleous"},
            "limited_by",
            "soleus",
        ),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_ones(changes, place, nearest):
    error = refused(**changes)

    assert isinstance(error, UnknownName)
    assert error.place == place
    assert nearest in error.nearest
    assert "Nearest: " in str(error)


@pytest.mark.parametrize(
    ("changes", "place", "words"),
    [
        ({"site": "thumb"}, "site", "must be recorded at a muscle; thumb is a skin region."),
        (
            {"site": "multifidus_lumborum", "level": "L5"},
            "site",
            "Use tender_paraspinal there.",
        ),
        ({"sign": "tender_paraspinal"}, "site", "Use tender_motor_point there."),
        ({"site": ""}, "site", "got no site"),
        ({"sign": "spurling"}, "site", "must be recorded at a side alone, without a site"),
        ({"sign": "reflex"}, "site", "must be recorded at a reflex; soleus is a muscle."),
        ({"sign": "taut_band", "site": "knee_reflex"}, "site", "a muscle or a muscle of the"),
        ({"side": ""}, "side", "side of soleus must be left or right, got nothing."),
        ({"side": "both"}, "side", "side of soleus must be left or right, got 'both'."),
        ({"side": "midline"}, "side", "side of soleus must be left or right, got 'midline'."),
        (
            {"sign": "spurling", "site": "", "side": "midline"},
            "side",
            "side of this test must be left or right",
        ),
        (
            {"sign": "tender_paraspinal", "site": "multifidus_lumborum"},
            "level",
            "multifidus_lumborum needs a level, the spinous process felt: ",
        ),
        (
            {"sign": "tender_paraspinal", "site": "multifidus_lumborum", "level": "C5"},
            "level",
            "; got 'C5'.",
        ),
        ({"site": "rectus_abdominis"}, "level", "the part: upper, middle, lower; got nothing."),
        ({"level": "L5"}, "level", "soleus takes no level, got 'L5'. Leave it out."),
        ({"grade": 4}, "grade", "grade must be 0 absent, 1 slight, 2 clear or 3 marked, got 4."),
        ({"grade": -1}, "grade", "got -1."),
        ({"grade": None}, "grade", "a finding needs a grade or a value, got neither."),
        ({"grade": 2, "value": 3.0}, "grade", "a finding needs a grade or a value, got both."),
        (
            {"grade": None, "value": 3.0, "unit": "mrc"},
            "value",
            "tender_motor_point takes a grade (0 to 3), got the value 3.",
        ),
        (
            {"sign": "weakness", "grade": None, "value": 4},
            "unit",
            "value needs its unit: mrc, got 4 without one.",
        ),
        (
            {"sign": "weakness", "grade": None, "value": 4, "unit": "kPa"},
            "unit",
            "unit must be mrc, got 'kPa'.",
        ),
        (
            {"sign": "weakness", "grade": None, "value": 6, "unit": "mrc"},
            "value",
            "value must lie between 0 and 5 mrc",
        ),
        (
            {"sign": "weakness", "grade": None, "value": float("nan"), "unit": "mrc"},
            "value",
            "value must lie between 0 and 5 mrc",
        ),
        (
            {
                "sign": "pressure_pain_threshold",
                "grade": None,
                "value": 300,
                "unit": "kPa",
                "compared": 5,
            },
            "value",
            "value must lie between 10 and 2000 kPa",
        ),
        ({"week": -1}, "week", "week must be 0 or later, got -1."),
        ({"week": float("nan")}, "week", "week must be 0 or later, got nan."),
        ({"limited_by": "soleus"}, "limited_by", "limited_by belongs to range only"),
        (
            {"sign": "range", "site": "ankle_dorsiflexion", "limited_by": "biceps_brachii"},
            "limited_by",
            "limited_by must be a muscle that limits ankle_dorsiflexion: ",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_words(changes, place, words):
    error = refused(**changes)

    assert error.place == place
    assert words in str(error)


def test_an_unsided_skin_region_may_lie_in_the_midline():
    assert finding("skin_roll", "sacrum", side="midline", grade=1).site.side == "midline"


def test_a_limiting_muscle_of_the_movement_is_taken():
    made = finding("range", "ankle_dorsiflexion", side="left", grade=2, limited_by="soleus")

    assert made.limited_by == "soleus"


def test_one_observation_with_two_results_is_refused():
    slight, clear = (finding(**{**GOOD, "grade": grade}) for grade in (1, 2))

    with pytest.raises(InputError, match="is given twice") as caught:
        check_consistent([slight, clear])

    assert caught.value.place == "finding[2]"
    assert "(grade 1 and grade 2). Keep the one that holds." in str(caught.value)


def test_one_measurement_beside_two_other_sides_is_refused():
    pair = [
        finding("range", "knee_flexion", side="left", value=90, unit="degrees", compared=other)
        for other in (120, 140)
    ]

    with pytest.raises(InputError, match="90 degrees beside 120 and 90 degrees beside 140"):
        check_consistent(pair)


def test_the_same_result_twice_or_in_another_week_is_no_contradiction():
    first, later = finding(**GOOD), finding(**{**GOOD, "grade": 0, "week": 6})

    check_consistent([first, first, later])


def valued(sign, site, value, unit, compared=None):
    return grade_of(finding(sign, site, side="left", value=value, unit=unit, compared=compared))


@pytest.mark.parametrize(
    ("strength", "grade"),
    [(5, 0), (4.5, 1), (4.1, 1), (4, 2), (3.5, 2), (3, 3), (0, 3)],
)
def test_strength_short_of_full_counts_as_deficit(strength, grade):
    assert valued("weakness", "soleus", strength, "mrc") == grade


@pytest.mark.parametrize(
    ("reflex", "compared", "grade"),
    [
        (2, None, 0),
        (1, None, 2),
        (0, None, 3),
        (3, None, 0),
        (1, 1, 0),  # low on both sides
        (1, 2, 2),
        (0, 2, 3),
        (0, 1, 2),
        (2, 3, 0),  # the other side is the brisk one
    ],
)
def test_a_reflex_counts_beside_the_other_side(reflex, compared, grade):
    assert valued("reflex", "knee_reflex", reflex, "reflex", compared) == grade


@pytest.mark.parametrize(
    ("degrees", "grade"), [(140, 0), (90, 0), (89, 1), (75, 1), (74, 2), (50, 2), (49, 3), (-5, 3)]
)
def test_range_counts_as_a_share_of_the_other_side(degrees, grade):
    assert valued("range", "knee_flexion", degrees, "degrees", 100) == grade


def test_range_without_the_other_side_counts_beside_the_reference_angle():
    full = finding("range", "knee_flexion", side="left", value=135, unit="degrees")
    half = finding("range", "knee_flexion", side="left", value=60, unit="degrees")

    assert (grade_of(full), grade_of(half)) == (0, 3)


@pytest.mark.parametrize(
    ("pressure", "grade"), [(400, 0), (340, 0), (339, 1), (280, 1), (279, 2), (200, 2), (199, 3)]
)
def test_a_pressure_pain_threshold_counts_beside_the_other_side(pressure, grade):
    assert valued("pressure_pain_threshold", "soleus", pressure, "kPa", 400) == grade


def test_a_pressure_pain_threshold_without_the_other_side_cannot_be_read():
    assert valued("pressure_pain_threshold", "soleus", 300, "kPa") is None


def test_a_pressure_in_another_unit_is_the_same_pressure():
    by_weight = finding(
        "pressure_pain_threshold", "soleus", side="left", value=2, unit="kg/cm2", compared=4
    )

    assert by_weight.value == pytest.approx(196.133)
    assert (by_weight.unit, by_weight.compared) == ("kPa", pytest.approx(392.266))
    assert grade_of(by_weight) == 2


def test_a_grade_given_is_the_grade_read():
    for grade in range(4):
        assert grade_of(Finding("taut_band", finding(**GOOD).site, grade=grade)) == grade
