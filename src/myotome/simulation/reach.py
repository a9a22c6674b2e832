"""Reach: how strongly a root reaches a muscle, by the weight of its supply in the atlas.

One table for weeks and moments. The atlas tells main supply from minor and variable; how much less
the lesser ones carry is a choice of this project.
"""

from __future__ import annotations

from typing import Final

REACH: Final = {"major": 1.0, "minor": 0.5, "variable": 0.2}
