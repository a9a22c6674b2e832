"""Assessments built by hand, so that a plan is tested without any inference."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import pytest

from myotome.atlas import ROOTS, Root, atlas
from myotome.examination.assessment import (
    Assessment,
    Explanation,
    RamusSupport,
    RootProbability,
    ShortMuscle,
)
from myotome.treatment import Screening, assumed_no, screen

Assess = Callable[..., Assessment]


@pytest.fixture(scope="session")
def assess() -> Assess:
    def make(
        roots: dict[str, float],
        muscles: Sequence[tuple[str, ...]] = (),
        *,
        short: float = 0.8,
        **changes: object,
    ) -> Assessment:
        """Roots that fit, and muscles (name, side, level) that fit as short, likeliest first."""
        probabilities = dict.fromkeys(ROOTS, 0.02)
        probabilities.update({Root.parse(name): share for name, share in roots.items()})
        ranked = sorted(probabilities.items(), key=lambda entry: -entry[1])
        likely = tuple(Root.parse(name) for name, share in roots.items() if share > 0.5)
        made = Assessment(
            roots=tuple(
                RootProbability(root, share, max(0.0, share - 0.1), min(1.0, share + 0.1), 0.03)
                for root, share in ranked
            ),
            no_root=0.05 if roots else 0.9,
            something_else=0.02,
            other=(),
            explanations=(Explanation(likely, 0.5),),
            reasons=(),
            rami={root: RamusSupport("supported", "supported") for root in likely},
            contradictions=(),
            muscles=tuple(
                ShortMuscle(atlas().site(*place), short - at * 0.001, likely)
                for at, place in enumerate(muscles)
            ),
            structures=(),
            next_signs=(),
            refers=(),
            not_weighed=(),
            findings=(),
            versions={"model": "by hand"},
        )
        return dataclasses.replace(made, **changes)  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def c6_right(assess: Assess) -> Assessment:
    return assess(
        {"C6-right": 0.8},
        [
            ("brachioradialis", "right"),
            ("extensor_carpi_radialis_longus", "right"),
            ("infraspinatus", "right"),
        ],
    )


@pytest.fixture(scope="session")
def l5_left(assess: Assess) -> Assessment:
    return assess(
        {"L5-left": 0.8},
        [("gluteus_medius", "left"), ("extensor_hallucis_longus", "left")],
    )


@pytest.fixture(scope="session")
def nothing_raised() -> Screening:
    return screen(assumed_no("a case made for tests"))
