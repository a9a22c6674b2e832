"""Picture: how many times faster than each peer, as bars on a logarithmic axis.

Receives results; gives one SVG that needs nothing else and follows the reader's light or dark
setting. A bar ends at the median ratio; a short line marks what had to be reached and a longer one
what was aimed for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from results import PEERS, Results
from targets import COMPARISONS, Verdict, ratios

_WIDTH, _LEFT, _RIGHT = 760, 150, 700
_BAR, _ROW, _GAP, _TOP = 16, 26, 44, 44
_TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_SHORTEST = 100  # the axis reaches at least so far
_STYLE = """
  .paper { fill: #ffffff } text { fill: #1b1b1b; font: 13px sans-serif }
  .head { font-weight: 600 } .grid { stroke: #d0d0d0 }
  .promise { stroke: #1b1b1b; stroke-width: 2 } .edge { stroke: #ffffff; stroke-width: 5 }
  .NEURON { fill: #0072b2 } .CoreNEURON { fill: #56b4e9 } .Brian2 { fill: #e69f00 }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #16191d } text { fill: #e8e8e8 } .grid { stroke: #3c4248 }
    .promise { stroke: #e8e8e8 } .edge { stroke: #16191d }
  }
"""


@dataclass(frozen=True)
class _Axis:
    """From 1 to its end, on a logarithmic scale."""

    end: int

    def across(self, value: float) -> float:
        share = math.log(value) / math.log(self.end)
        return _LEFT + min(max(share, 0.0), 1.0) * (_RIGHT - _LEFT)


def drawing(results: Results) -> str:
    """The whole picture."""
    found = [(comparison.what, peer, verdict) for comparison, peer, verdict in ratios(results)]
    axis = _Axis(_end_of_axis(found))
    inside = list(_bars(found, axis))
    floor = _height(found) - 30
    grid = [_tick(value, floor, axis) for value in _TICKS if value <= axis.end]
    said = "; ".join(f"{verdict.what} {verdict.measured:.0f}" for _, _, verdict in found)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_height(found)}"'
            ' role="img" aria-labelledby="title desc">',
            '<title id="title">How many times faster than each peer</title>',
            f'<desc id="desc">{escape(said)}. Logarithmic axis.</desc>',
            f"<style>{_STYLE}</style>",
            '<rect class="paper" width="100%" height="100%"/>',
            f'<text class="head" x="{_LEFT}" y="22">Times faster (median of rounds); short mark:'
            " reach, long mark: aim</text>",
            *grid,
            *inside,
            "</svg>",
            "",
        ]
    )


def _end_of_axis(found: list[tuple[str, str, Verdict]]) -> int:
    """The first tick beyond every bar and every mark."""
    furthest = max([_SHORTEST, *(max(v.measured, v.aim or 0.0) for _, _, v in found)])
    return next((tick for tick in _TICKS if tick >= furthest), _TICKS[-1])


def _height(found: list[tuple[str, str, Verdict]]) -> int:
    groups = len({what for what, _, _ in found})
    return _TOP + groups * _GAP + len(found) * _ROW + 36


def _bars(found: list[tuple[str, str, Verdict]], axis: _Axis) -> Iterator[str]:
    y = _TOP
    for comparison in COMPARISONS:
        of_it = {peer: verdict for what, peer, verdict in found if what == comparison.what}
        if not of_it:
            continue
        y += _GAP - 14
        yield f'<text class="head" x="{_LEFT}" y="{y}">{escape(comparison.what)}</text>'
        y += 14
        for peer in PEERS:
            if peer in of_it:
                yield from _bar(peer, of_it[peer], y, axis)
                y += _ROW


def _bar(peer: str, verdict: Verdict, y: int, axis: _Axis) -> Iterator[str]:
    end, middle = axis.across(verdict.measured), y + _BAR / 2
    yield f'<text x="{_LEFT - 10}" y="{y + 13}" text-anchor="end">{peer}</text>'
    yield (
        f'<rect class="{peer}" x="{_LEFT}" y="{y}" width="{end - _LEFT:.1f}" height="{_BAR}"'
        ' rx="2"/>'
    )
    marks = [(at, half) for at, half in ((verdict.reach, 6), (verdict.aim, 11)) if at is not None]
    for promised, half in marks:
        x = f"{axis.across(promised):.1f}"
        for kind in ("edge", "promise"):  # an edge of paper keeps the mark clear of the bar
            yield (
                f'<line class="{kind}" x1="{x}" x2="{x}" y1="{middle - half}"'
                f' y2="{middle + half}"/>'
            )
    beyond = max([end, *(axis.across(at) for at, _ in marks)]) + 8
    yield f'<text x="{beyond:.1f}" y="{y + 13}">{verdict.measured:.0f}</text>'


def _tick(value: int, floor: int, axis: _Axis) -> str:
    x = f"{axis.across(value):.1f}"
    return (
        f'<line class="grid" x1="{x}" x2="{x}" y1="{_TOP - 8}" y2="{floor}"/>'
        f'<text x="{x}" y="{floor + 18}" text-anchor="middle">{value}</text>'
    )
