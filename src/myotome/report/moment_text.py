"""Moment text: a needle in one muscle of a case, in health and in this person, in words.

Says what each pool did before, during and after it. What follows from that, and whether it is so in
anybody, it does not say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from myotome.simulation.case_moment import Needled

if TYPE_CHECKING:
    from rich.console import Console

LABEL: Final = (
    "A hypothesis made executable: no evidence, and no forecast for this person. A moment changes"
    " no slow state."
)
_WHO: Final = ("in health", "this person")
_WHEN: Final = ("at rest", "needled", "at the end")


def moment_json(found: Needled) -> Mapping[str, Any]:
    """What was read of the run, by muscle and root."""
    p = found.who.preparation
    spans = [dict(zip(("from_s", "to_s"), span, strict=True)) for span in found.spans]

    def by_span(values: Any, index: int) -> Mapping[str, Any]:  # noqa: ANN401 - an array
        return {
            who.replace(" ", "_"): [round(float(value), 4) for value in values[:, person, index]]
            for person, who in enumerate(_WHO)
        }

    return {
        "needled": p.muscles[found.muscle],
        "spans": spans,
        "muscles": [
            {
                "name": name,
                "joint": p.joints[p.joint_of[index]],
                "turns": int(p.turns[index]),
                "moment_arm_m": float(p.moment_arm[index]),
                "discharge_hz": by_span(found.discharge, index),
                "force": by_span(found.force, index),
            }
            for index, name in enumerate(p.muscles)
        ],
        "roots": [
            {"name": name, "foramen_mm": by_span(found.foramen, index)}
            for index, name in enumerate(p.roots)
        ],
        "said": list(found.who.said),
        "label": LABEL,
    }


def print_moment(found: Needled, console: Console | None = None) -> None:
    """Print the table of muscles, what is left of each foramen, and what was assumed."""
    from rich.console import Console as Screen  # noqa: PLC0415 - heavy, and only for a terminal
    from rich.table import Table  # noqa: PLC0415 - likewise

    p = found.who.preparation
    out = console or Screen(highlight=False)
    first, last = found.spans[1]
    out.print(
        f"A needle in {p.muscles[found.muscle]}, {first:g} to {last:g} s of"
        f" {found.spans[-1][1]:g} s.",
        style="bold",
    )
    table = Table(
        title=f"Mean discharge of each pool's units (Hz): {', '.join(_WHEN)}", title_justify="left"
    )
    table.add_column("muscle")
    table.add_column("joint; - pulls it the other way")
    for who in _WHO:
        table.add_column(who, justify="right", no_wrap=True)
    for index, name in enumerate(p.muscles):
        table.add_row(
            name,
            ("" if p.turns[index] > 0.0 else "- ") + p.joints[p.joint_of[index]],
            *(
                "  ".join(f"{rate:4.1f}" for rate in found.discharge[:, person, index])
                for person in range(len(_WHO))
            ),
        )
    out.print(table)
    for index, name in enumerate(p.roots):
        heights = (found.foramen[-1, person, index] for person in range(len(_WHO)))
        well, ill = (f"{height:.2f} mm" for height in heights)
        out.print(
            f"Foramen of {name} at the end, as far as its paraspinals narrow it: {well} in health,"
            f" {ill} in this person."
        )
    for sentence in found.who.said:
        out.print(sentence)
    out.print(LABEL, style="bold")
