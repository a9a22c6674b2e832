"""What was published on agreement is told in plain words, and what was not is said."""

import pytest

from myotome.atlas import atlas
from myotome.examination.reliability import NONE_HELD, agreement_words, agreements
from myotome.sources import sources


def test_every_figure_is_of_a_known_sign_and_names_its_source_and_what_is_unknown():
    for sign, rows in agreements().items():
        assert sign in atlas().signs
        for row in rows:
            assert row.measure in {"kappa", "kappa_elsewhere", "none"}
            assert row.unknown
            assert set(row.source_ids) <= set(sources())
            figures = [one for one in (row.low, row.value, row.high) if one is not None]
            assert bool(figures) is (row.measure != "none")
            assert figures == sorted(figures)
            assert all(-1 <= one <= 1 for one in figures)


@pytest.mark.parametrize(
    ("sign", "words"),
    [
        ("weakness", "Two examiners agreed substantially, kappa 0.68."),
        ("straight_leg_raise", "Two examiners agreed substantially or better, kappa above 0.66."),
        ("reflex", "Two examiners agreed moderately, kappa 0.42 to 0.53."),
        (
            "taut_band",
            (
                "Two examiners agreed from no better than by chance to moderately,"
                " kappa -0.05 to 0.46."
            ),
        ),
        (
            "tender_paraspinal",
            "On other muscles two examiners agreed moderately, kappa 0.45 (0.36 to 0.54).",
        ),
        ("trophedema", "No figure on how well two examiners agree was found."),
        ("skin_roll", NONE_HELD),
    ],
)
def test_agreement_is_said_in_plain_words_with_its_number(sign, words):
    assert agreement_words(sign) == words
