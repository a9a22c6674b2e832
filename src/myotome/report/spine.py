"""The spine ladder: every root's probability along a drawn spine, seen from behind.

It receives an assessment and gives a piece of a page: for each run of segments a column of
vertebrae with the left roots' bars on its left and the right roots' on its right. Lengths along
the page are per cents of the room there is, heights are pixels, so words keep their size on a
phone. Rows stand in anatomical order, never by rank. A bar is a probability on a fixed axis from
0 to 100, filled by its step; the line in the lane under it is the interval; the tick above it is
where the root stood before any finding. Nothing is said by colour alone, and each row carries its
words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Final, cast

from myotome.atlas import SEGMENTS, SIDES, Root, Side
from myotome.examination import Assessment, RamusSupport
from myotome.examination.assessment import RootProbability
from myotome.report.words import chance, per_cent, root_name, spoken_to

SHOWN_FROM: Final = 0.05
STEPS: Final = (0.02, 0.10, 0.25, 0.50, 0.75, 0.90)
_ROW: Final = 42
_AXIS: Final = 20
_APART: Final = 30
_HALF: Final = 54  # half the width of the column of vertebrae
_BAR: Final = 14
_RANKED: Final = 3
_LABEL: Final = "What the signs fit, not a forecast. No clinical accuracy is known."
_UNSEEN: Final = RamusSupport("not_looked_at", "not_looked_at")
_SUPPORT_WORDS: Final = {
    "supported": "supported",
    "against": "spoken against",
    "not_looked_at": "not looked at",
}


def step(probability: float) -> str:
    """The class of a bar's fill: p0 under 2 %, then 10, 25, 50, 75 and 90, p6 above.

    >>> step(0.019), step(0.02), step(0.9)
    ('p0', 'p1', 'p6')
    """
    return f"p{sum(probability >= edge for edge in STEPS)}"


def ranks(assessment: Assessment) -> Mapping[Root, int]:
    """The three most probable roots among those that a finding speaks to: 1, 2, 3."""
    best = [item for item in spoken_to(assessment) if item.probability >= SHOWN_FROM]
    return {item.root: place for place, item in enumerate(best[:_RANKED], start=1)}


def rows(assessment: Assessment) -> tuple[tuple[str, ...], ...]:
    """The ladder's lines from head to tail: one segment, or several folded into one line.

    A segment has its own row where either side reaches 5 %.
    """
    high = {item.root.segment for item in assessment.roots if item.probability >= SHOWN_FROM}
    found: list[tuple[str, ...]] = []
    for shown, run in groupby(SEGMENTS, key=lambda segment: segment in high):
        if shown:
            found += [(segment,) for segment in run]
        else:
            found.append(_Folded(run))
    return tuple(found)


def spine_ladder(assessment: Assessment, links: Mapping[Root, str] | None = None) -> str:
    """The ladder, with *No root* and *Something else* under it on the same axis.

    Args:
        assessment: What the findings fit.
        links: Where a root leads, such as ``#root-C6-left``.
    """
    ladder = _Ladder(
        {item.root: item for item in assessment.roots},
        ranks(assessment),
        assessment.rami,
        links or {},
    )
    parts = [
        ladder.fold(run[0]) if folded else ladder.block([segment for (segment,) in run])
        for folded, lines in groupby(rows(assessment), key=_is_folded)
        for run in [list(lines)]
    ]
    return (
        '<div class="spine" role="group" aria-label="Probability of each root along the spine,'
        f' seen from behind">{"".join(parts)}{_apart(assessment)}'
        f'<p class="spine-label">{_LABEL}</p></div>'
    )


@dataclass(frozen=True)
class _Ladder:
    """What each root has: its probability, rank, rami, and where it leads."""

    fits: Mapping[Root, RootProbability]
    ranks: Mapping[Root, int]
    rami: Mapping[Root, RamusSupport]
    links: Mapping[Root, str]

    def block(self, segments: Sequence[str]) -> str:
        """A run of segments that each have a row."""
        which = _span(segments)
        sides = {
            side: _side_svg(
                side,
                _ROW * len(segments) + _AXIS,
                f"{side.capitalize()} roots {which}",
                "Bars from the spine outwards, 0 to 100 per cent.",
                _grid(_ROW * len(segments))
                + "".join(self._bar(Root(s, side), n) for n, s in enumerate(segments))
                + _axis(_ROW * len(segments)),
            )
            for side in SIDES
        }
        return (
            '<div class="spine-block"><p class="spine-side spine-left">Left</p>'
            '<p class="spine-side spine-right">Right</p>'
            f'<div class="spine-room spine-left">{sides["left"]}</div>'
            f"{self._column(segments)}"
            f'<div class="spine-room spine-right">{sides["right"]}</div></div>'
        )

    def fold(self, segments: Sequence[str]) -> str:
        """Several segments in one line."""
        return f'<p class="spine-fold">{_span(segments)}: each under {per_cent(SHOWN_FROM)}</p>'

    def _column(self, segments: Sequence[str]) -> str:
        """The vertebrae of a run, with each root's name, nerves, rami and rank."""
        parts = [_vertebra(_ROW * place) for place in range(1, len(segments))]
        for place, segment in enumerate(segments):
            marks = [_label(segment)]
            for side, out in (("left", -1), ("right", 1)):
                root = Root(segment, cast("Side", side))
                support = self.rami.get(root, _UNSEEN)
                marks.append(f'<path class="spine-nerve" d="M{out * 17},0 h{out * 7}"/>')
                marks.append(_ramus(out * 29, -6, support.anterior))
                marks.append(_ramus(out * 29, 6, support.posterior))
                if root in self.ranks:
                    marks.append(_rank(out * 43, self.ranks[root]))
            middle = _ROW * place + _ROW // 2
            parts.append(f'<g transform="translate({_HALF},{middle})">{"".join(marks)}</g>')
        return (
            f'<svg class="spine-column" width="{2 * _HALF}" height="{_ROW * len(segments)}"'
            f' aria-hidden="true">{_described("Spine", "Names of the segments.")}'
            f"{''.join(parts)}</svg>"
        )

    def _bar(self, root: Root, place: int) -> str:
        """A root's bar with number, interval and tick, and a field with its words over them."""
        item = self.fits[root]
        top = _ROW * place
        words = root_words(item, self.rami.get(root, _UNSEEN), self.ranks.get(root))
        return (
            f'<g aria-hidden="true">{_bar(root.side, item.probability, top + 14)}'
            f"{_marks(item, top + 14)}</g>"
            + _named(
                f'<rect class="spine-field" x="0" y="{top + 2}" width="100%"'
                f' height="{_ROW - 4}" fill="none" pointer-events="all"/>',
                words,
                self.links.get(root),
            )
        )


def _span(segments: Sequence[str]) -> str:
    first, last = segments[0], segments[-1]
    return first if first == last else f"{first} to {last}"


def _apart(assessment: Assessment) -> str:
    """No root, and the part of it that something else explains, on the same axis."""
    entries = (("No root", assessment.no_root), ("Something else", assessment.something_else))
    names = "".join(f"<p>{name}</p>" for name, _ in entries)
    bars = "".join(
        f'<g aria-hidden="true">{_bar("right", share, _APART * place + 8)}</g>'
        + _named(
            f'<rect class="spine-field" x="0" y="{_APART * place}" width="100%"'
            f' height="{_APART}" fill="none" pointer-events="all"/>',
            f"{name}: {per_cent(share)}",
        )
        for place, (name, share) in enumerate(entries)
    )
    height = _APART * len(entries)
    svg = _side_svg(
        "right",
        height + _AXIS,
        "No root, and something else",
        "Bars on the same axis, 0 to 100 per cent.",
        _grid(height) + bars + _axis(height),
    )
    return (
        f'<div class="spine-block spine-apart"><div class="spine-names" aria-hidden="true">{names}'
        f'</div><div class="spine-room spine-right">{svg}</div></div>'
    )


def root_words(item: RootProbability, support: RamusSupport, rank: int | None = None) -> str:
    """A row of the ladder in words."""
    place = f", number {rank}" if rank else ""
    return (
        f"{root_name(item.root)}{place}: {chance(item)}, before any finding"
        f" {per_cent(item.prior)}; front ramus {_SUPPORT_WORDS[support.anterior]},"
        f" back ramus {_SUPPORT_WORDS[support.posterior]}"
    )


def mark_svg(state: str) -> str:
    """The mark of a ramus alone, for the key."""
    return (
        '<svg class="spine-key" width="14" height="14" aria-hidden="true">'
        f"{_described(_SUPPORT_WORDS[state], 'Mark of a ramus.')}{_ramus(7, 7, state)}</svg>"
    )


def _is_folded(line: Sequence[str]) -> bool:
    return isinstance(line, _Folded)


class _Folded(tuple[str, ...]):
    """Segments in one line, even when it is only one."""

    __slots__ = ()


def _described(title: str, desc: str) -> str:
    return f"<title>{escape(title)}</title><desc>{escape(desc)}</desc>"


def _named(field: str, said: str, href: str | None = None) -> str:
    """A field with its words, as a link where it leads somewhere."""
    label = escape(said)
    inside = f"<title>{label}</title>{field}"
    if href is None:
        return f'<g role="img" aria-label="{label}">{inside}</g>'
    return f'<a href="{escape(href)}" aria-label="{label}">{inside}</a>'


def _side_svg(side: str, height: int, title: str, desc: str, inside: str) -> str:
    """Room of the bars of one side; on the left the axis runs from right to left."""
    return (
        f'<svg class="spine-bars" width="100%" height="{height}" overflow="visible"'
        f' role="group" aria-label="{escape(title)}">{_described(title, desc)}'
        f"{inside if side == 'right' else _mirrored(inside)}</svg>"
    )


def _mirrored(inside: str) -> str:
    """The same drawing with its axis from right to left; texts keep their direction."""

    def across(found: re.Match[str]) -> str:
        return f'{found[1]}="{100 - float(found[2]):.2f}%"'

    turned = re.sub(r'\b(x|x1|x2)="([\d.]+)%"', across, inside)
    turned = turned.replace('text-anchor="start"', 'text-anchor="end"')
    return turned.replace('dx="6"', 'dx="-6"')


def _grid(height: int) -> str:
    return "".join(
        f'<line class="spine-grid" x1="{at}%" x2="{at}%" y1="0" y2="{height}"/>'
        for at in (0, 50, 100)
    )


def _axis(y: int) -> str:
    return "".join(
        f'<text class="spine-tick{" spine-half" if at == 50 else ""}" x="{at}%" y="{y + 14}"'
        f' text-anchor="middle">{at}</text>'
        for at in (0, 50, 100)
    )


def _marks(item: RootProbability, y: int) -> str:
    """The tick of the base rate above a bar, and the interval in the lane under it."""
    before, low, high = (f"{100 * s:.2f}%" for s in (item.prior, item.low, item.high))
    line = '<line class="spine-interval" '
    return (
        f'<line class="spine-before" x1="{before}" x2="{before}" y1="{y - 4}" y2="{y}"/>'
        f'{line}x1="{low}" x2="{high}" y1="{y + 18}" y2="{y + 18}"/>'
        f'{line}x1="{low}" x2="{low}" y1="{y + 15.5}" y2="{y + 20.5}"/>'
        f'{line}x1="{high}" x2="{high}" y1="{y + 15.5}" y2="{y + 20.5}"/>'
    )


def _bar(side: str, share: float, y: int) -> str:
    """A bar as a rectangle from the spine, with the number at its end.

    A rectangle cannot be mirrored by its start alone, so the left one begins where it ends.
    """
    length = max(share, 0.004)
    start = 0.0 if side == "right" else length
    return (
        f'<rect class="spine-bar {step(share)}" x="{100 * start:.2f}%" y="{y}"'
        f' width="{100 * length:.2f}%" height="{_BAR}"/>'
        f'<text class="spine-number" x="{100 * length:.2f}%" y="{y + 12}" dx="6"'
        f' text-anchor="start">{escape(per_cent(share))}</text>'
    )


def _vertebra(y: int) -> str:
    """A vertebra from behind, between two roots: body, wings, spinous process."""
    shape = (
        "M-9,-11 C-14,-12 -20,-9 -26,-6 C-29,-4 -29,2 -26,4 C-20,5 -14,8 -9,11"
        " Q0,14 9,11 C14,8 20,5 26,4 C29,2 29,-4 26,-6 C20,-9 14,-12 9,-11 Q0,-14 -9,-11 Z"
    )
    process = "M-3.5,-5 Q0,-8 3.5,-5 L2.5,7 Q0,10 -2.5,7 Z"
    return (
        f'<g transform="translate({_HALF},{y})"><path class="spine-bone" d="{shape}"/>'
        f'<path class="spine-process" d="{process}"/></g>'
    )


def _label(segment: str) -> str:
    return (
        '<rect class="spine-pill" x="-18" y="-11" width="36" height="22" rx="11"/>'
        f'<text class="spine-name" x="0" y="5" text-anchor="middle">{segment}</text>'
    )


def _rank(x: int, rank: int) -> str:
    return (
        f'<circle class="spine-rank" cx="{x}" cy="0" r="8"/>'
        f'<text class="spine-rank-number" x="{x}" y="4" text-anchor="middle">{rank}</text>'
    )


def _ramus(x: int, y: int, state: str) -> str:
    """Ring: not looked at. Dot: supported. Bar: spoken against."""
    if state == "supported":
        return f'<circle class="spine-ramus-dot" cx="{x}" cy="{y}" r="3.5"/>'
    if state == "against":
        return f'<rect class="spine-ramus-bar" x="{x - 5}" y="{y - 1.5}" width="10" height="3"/>'
    return f'<circle class="spine-ramus-ring" cx="{x}" cy="{y}" r="3"/>'


def all_rows(assessment: Assessment) -> Iterator[tuple[str, RootProbability, RootProbability]]:
    """Each segment with its left and right root, from head to tail: the table of all 62."""
    fits = {item.root: item for item in assessment.roots}
    for segment in SEGMENTS:
        yield segment, fits[Root(segment, "left")], fits[Root(segment, "right")]
