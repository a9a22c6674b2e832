"""Short muscles: which muscles the findings hold to be short, and what those load.

A muscle is named when it is more likely affected than not and a sign of shortening was found in
it (short, taut, stopping a movement, its tendon sore). The tendon and joints come from the
atlas: that a short muscle harms them is the description's claim, not a finding.
"""

from __future__ import annotations

from typing import Final

from myotome.atlas import atlas
from myotome.examination.assessment import LoadedStructure, ShortMuscle
from myotome.examination.elimination import Beliefs
from myotome.examination.model import Evidence, Model, root_of
from myotome.examination.reasons import state_products

MOTOR_SIGNS: Final = frozenset(
    {"shortened_muscle", "taut_band", "tendon_thickening", "range", "tender_motor_point",
     "tender_paraspinal"}
)  # fmt: skip
_HELD: Final = 0.5
_SHARE: Final = 0.1


def short_muscles(model: Model, beliefs: Beliefs) -> tuple[ShortMuscle, ...]:
    """Muscles held short, the likeliest first, each with the roots that reach it."""
    marginals = beliefs.marginals[0]
    found = []
    for place, item in enumerate(model.evidence):
        if item.site.kind not in {"muscle", "paraspinal"} or not _has_sign(item):
            continue
        joint = beliefs.site_table(place)[0]
        reached = state_products(model, place)
        total = model.tables.alpha[0, place] + model.tables.beta[0, place] * reached
        affected = 1.0 - float((joint * model.clear[0, place] * reached / total).sum())
        if affected >= _HELD:
            roots = [root for root in item.roots if marginals[root] >= _SHARE]
            roots.sort(key=lambda root: -marginals[root])
            found.append(ShortMuscle(item.site, affected, tuple(root_of(r) for r in roots)))
    return tuple(sorted(found, key=lambda muscle: (-muscle.probability, str(muscle.site))))


def _has_sign(item: Evidence) -> bool:
    return any(graded.grade > 0 and graded.finding.sign in MOTOR_SIGNS for graded in item.graded)


def loaded_structures(muscles: tuple[ShortMuscle, ...]) -> tuple[LoadedStructure, ...]:
    """The tendon and joints that each short muscle loads, in the same order."""
    found = []
    for muscle in muscles:
        row = atlas().attachments[muscle.site.name]
        found.append(
            LoadedStructure(muscle.site, row.tendon, row.attachment_site, row.joint_ids, row.loads)
        )
    return tuple(found)
