"""Differential: what else fits the signs, and which sign would tell.

Other roots, a lesion of a peripheral nerve, local causes and inflammation, signs of the upper
motor neuron, findings that speak against a root, and no root at all; then the labels that the
same short muscles carry in Gunn's teaching, which is unproven. Nothing is ruled out here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from myotome.atlas import atlas
from myotome.examination.assessment import (
    Assessment,
    NextSign,
    OtherExplanation,
    RootProbability,
)
from myotome.examination.finding import grade_of
from myotome.treatment.basis import (
    Basis,
    basis_dicts,
    from_finding,
    from_root,
    from_row,
    interval,
    per_cent,
    root_name,
)
from myotome.treatment.conclusion import Conclusion
from myotome.treatment.rulebook import rulebook
from myotome.treatment.targets import Target

_WORTH_NAMING: Final = 0.05
_LABELS_AT_MOST: Final = 3
_DERIVED: Final = ("treatment_derived",)


@dataclass(frozen=True, slots=True)
class Alternative:
    """Something else that fits, and how well if that is known."""

    kind: str
    name: str
    words: str
    probability: float | None
    rests_on: tuple[Basis, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "kind": self.kind,
            "name": self.name,
            "words": self.words,
            "probability": self.probability,
            "rests_on": basis_dicts(self.rests_on),
        }


def differential(
    assessment: Assessment,
    planned: Sequence[RootProbability],
    targets: Sequence[Target],
    conclusion: Conclusion | None = None,
) -> tuple[Alternative, ...]:
    """What else fits, the gravest kind first."""
    return (
        *_upper_motor_neuron(assessment),
        *_inflammation(assessment),
        *_other_roots(assessment, planned, is_concluded=conclusion is not None),
        *(
            _other(item)
            for item in sorted(assessment.other, key=lambda item: -item.probability)
            if item.probability >= _WORTH_NAMING
        ),
        *_nothing(assessment),
        *_contradictions(assessment, planned, conclusion),
        *_labels(targets),
    )


def next_sign_dict(item: NextSign) -> dict[str, Any]:
    """The next sign that would tell, as plain values, ready for JSON."""
    sign = atlas().signs[item.sign]
    between = " from ".join(root_name(root) for root in item.separates[:2])
    tells = f"would separate {between}" if len(item.separates) > 1 else "would tell most"
    basis = Basis("table", f"signs {sign.sign_id}: {sign.name}", sign.source_ids, sign.certainty)
    return {
        "sign": item.sign,
        "site": item.site.name,
        "level": item.site.level,
        "side": item.site.side,
        "bits": item.bits,
        "separates": [str(root) for root in item.separates],
        "words": f"{sign.name}, {atlas().label(item.site)}: {tells}",
        "rests_on": basis_dicts([basis]),
    }


def _upper_motor_neuron(assessment: Assessment) -> Iterator[Alternative]:
    if assessment.refers:
        item = rulebook().screening_items["upper_motor_neuron"]
        yield Alternative(
            "upper_motor_neuron",
            "Upper motor neuron",
            f"Signs of the upper motor neuron were found. {item.advice}",
            None,
            (
                *map(from_finding, assessment.refers),
                from_row("screening_items", item.item_id, item, item.question),
            ),
        )


def _inflammation(assessment: Assessment) -> Iterator[Alternative]:
    found = [
        item
        for item in assessment.findings
        if atlas().signs[item.sign].bearing == "local_cause" and (grade_of(item) or 0) > 0
    ]
    if found:
        yield Alternative(
            "inflammation",
            "Local inflammation or injury",
            "Signs of inflammation or recent injury speak for a local cause, not a root.",
            None,
            tuple(map(from_finding, found)),
        )


def _other_roots(
    assessment: Assessment, planned: Sequence[RootProbability], *, is_concluded: bool
) -> Iterator[Alternative]:
    why = "it was not concluded" if is_concluded else "fits less well"
    how = "fits, and was not concluded" if is_concluded else "fits as well"
    chosen = {item.root for item in planned}
    for item in assessment.roots:
        if item.root in chosen or item.probability < 2 * _WORTH_NAMING:
            continue
        if item.probability > item.prior:
            share, inside = per_cent(item.probability), interval(item.low, item.high)
            tie = Basis("assessment", f"Not planned for: {why}", _DERIVED, "derived")
            yield Alternative(
                "root",
                root_name(item.root),
                f"{root_name(item.root)} {how}: {share} ({inside})",
                item.probability,
                (from_root(item), tie),
            )


def _other(item: OtherExplanation) -> Alternative:
    nerve = atlas().nerves.get(item.name)
    muscle = atlas().muscles.get(item.name)
    name = nerve.name if nerve else muscle.common_name if muscle else item.name.replace("_", " ")
    where = f"{name}, {item.side}" if item.side else name
    inside = f"{where[0].lower()}{where[1:]}{',' if item.side else ''}"
    share = per_cent(item.probability)
    lesion = item.kind == "nerve_lesion"
    words = (
        f"A lesion of the {inside} fits: {share}"
        if lesion
        else f"A local cause ({where}): {share}, part of no root"
    )
    rests_on = [Basis("assessment", words, () if nerve else _DERIVED, "" if nerve else "derived")]
    if nerve:
        tie = f"nerves {nerve.nerve_id}: {nerve.name}"
        rests_on.append(Basis("table", tie, nerve.source_ids, "sources"))
    return Alternative(item.kind, name, words, item.probability, tuple(rests_on))


def _nothing(assessment: Assessment) -> Iterator[Alternative]:
    for kind, name, share, part in (
        ("no_root", "No root", assessment.no_root, ""),
        ("something_else", "Something else", assessment.something_else, ", part of no root"),
    ):
        words = f"{name}: {per_cent(share)}{part}"
        basis = Basis("assessment", words, _DERIVED, "derived")
        yield Alternative(kind, name, words, share, (basis,))


def _contradictions(
    assessment: Assessment,
    planned: Sequence[RootProbability],
    conclusion: Conclusion | None,
) -> Iterator[Alternative]:
    chosen = {item.root for item in planned}
    clear = [] if conclusion is None else [r for r in conclusion.against if r.strength != "slight"]
    for item in assessment.contradictions if conclusion is None else clear:
        if item.root in chosen:
            basis = from_finding(item.finding)
            words = f"Speaks against {root_name(item.root)}: {basis.words}"
            yield Alternative("contradiction", root_name(item.root), words, None, (basis,))


def _labels(targets: Sequence[Target]) -> Iterator[Alternative]:
    """Conditions whose blamed muscles are mostly among the short ones."""
    short = {target.site.name for target in targets if target.short is not None}
    shared = {
        row: short.intersection(row.shortened_muscle_ids) for row in atlas().conditions.values()
    }
    mostly = [row for row in shared if len(shared[row]) >= len(row.shortened_muscle_ids) / 2 > 0]
    mostly.sort(key=lambda row: len(row.shortened_muscle_ids) / len(shared[row]))
    for row in mostly[:_LABELS_AT_MOST]:
        named = ", ".join(sorted(shared[row]))
        basis = Basis(
            "table",
            f"conditions {row.condition_id}: {named}",
            row.source_ids,
            row.verification,
        )
        yield Alternative(
            "label",
            row.name,
            f"{row.name}: a label that the same short muscles carry in Gunn's teaching, unproven",
            None,
            (basis,),
        )
