"""Myotome: Gunn intramuscular stimulation as software. The science wing.

The verbs of the command line are here as functions. They load when first asked for, so that
``import myotome`` stays light.

>>> import myotome
>>> callable(myotome.examine)
True
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_VERBS = {
    "read_case": "myotome.case",
    "examine": "myotome.examination",
    "screen": "myotome.treatment",
    "plan": "myotome.treatment",
    "simulate": "myotome.simulation",
    "landscape": "myotome.simulation.landscape",
    "validate": "myotome.validation",
}
__all__ = ["__version__", "examine", "plan", "read_case", "screen"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a verb of any room
    if name in _VERBS:
        return getattr(import_module(_VERBS[name]), name)
    raise AttributeError(f"module 'myotome' has no attribute '{name}'")
