"""Every reason of every kind of sign can say what it rests on, with sources that are explained."""

import pytest

from myotome.atlas import atlas
from myotome.examination import examine, finding
from myotome.examination.reliability import NONE_HELD
from myotome.report.grounds import grounds_of
from myotome.sources import sources

SITES = {
    "muscle": ("biceps_brachii", "right", ""),
    "paraspinal": ("multifidus_cervicalis", "right", "C6"),
    "skin": ("thumb", "right", ""),
    "reflex": ("biceps_reflex", "right", ""),
    "movement": ("elbow_extension", "right", ""),
    "side": ("", "right", ""),
}
MEASURED = {"mrc": (3, None), "reflex": (1, 2), "degrees": (20, 140), "kPa": (100, 400)}


def found(sign, kind):
    site, side, level = SITES[kind]
    if sign.measure == "grade":
        return finding(sign.sign_id, site, side=side, level=level, grade=2)
    value, other = MEASURED[sign.measure]
    return finding(
        sign.sign_id,
        site,
        side=side,
        level=level,
        value=value,
        unit=sign.measure,
        compared=other,
    )


@pytest.mark.parametrize(
    ("sign", "kind"),
    [
        (sign, kind)
        for sign in atlas().signs.values()
        if sign.bearing in {"root", "local_cause"}
        for kind in sign.applies_to
    ],
    ids=lambda one: getattr(one, "sign_id", one),
)
def test_a_reason_names_the_row_and_the_numbers_it_rests_on(sign, kind):
    answer = examine([found(sign, kind)])

    told = grounds_of(answer)

    assert len(told["reasons"]) == len(answer.reasons)
    if sign.bearing == "root":
        assert sign.sign_id in told["signs"]
    for reason, said in zip(answer.reasons, told["reasons"], strict=True):
        supply = told["supplies"][said["supply"]]
        weighed = told["signs"][told["findings"][said["finding"]]["sign"]]
        assert supply["words"].startswith(f"{reason.root.segment} is ")
        assert weighed["agreed"]
        assert weighed["weighed"]
        for name in (*supply["sources"], *weighed["sources"]):
            assert told["sources"][name]["citation"] == sources()[name].citation


def test_a_movement_stopped_by_a_muscle_rests_on_the_supply_of_that_muscle():
    stopped = finding(
        "range",
        "elbow_extension",
        side="right",
        value=20,
        unit="degrees",
        compared=140,
        limited_by="biceps_brachii",
    )

    words = [one["words"] for one in grounds_of(examine([stopped]))["supplies"]]

    assert words
    assert all("biceps brachii (atlas, innervation" in one for one in words)


def test_a_sign_without_a_published_figure_says_so():
    told = grounds_of(examine([finding("skin_roll", "thumb", side="right", grade=2)]))

    assert told["signs"]["skin_roll"]["short"] == NONE_HELD
    assert "assumed, no source" in told["signs"]["skin_roll"]["weighed"][0]
