"""Backend: whether the compiled kernels are there, and which instruction set they use.

The kernels are built where a C++ compiler is found. Where none was, the NumPy reference of each
structure does the work, some hundred times slower, and this module says so once. The environment
variable `MYOTOME_INSTRUCTION_SET` forces one set (`x86-64-v4`, `x86-64-v3`, `x86-64-v2`,
`baseline`) or the reference (`numpy`); results are the same to the bit whichever is chosen.

Source: none.
"""

from __future__ import annotations

import importlib
import os
import warnings
from functools import cache
from types import ModuleType
from typing import Final, Literal

Backend = Literal["compiled", "numpy"]

VARIABLE: Final = "MYOTOME_INSTRUCTION_SET"
_ABSENT: Final = (
    "The compiled kernels are not there: no C++ compiler was found when myotome was installed. "
    "The NumPy reference gives the same results, some hundred times slower. Install a C++17 "
    "compiler (g++ or clang++), then install myotome again."
)


@cache
def kernels() -> ModuleType | None:
    """The compiled kernels, set to the wished instruction set; None for the NumPy reference.

    Raises:
        ValueError: The environment asks for a set that this processor or build lacks.
    """
    wished = os.environ.get(VARIABLE, "")
    if wished == "numpy":
        return None
    try:
        module = importlib.import_module("myotome._kernels")
    except ModuleNotFoundError:
        if wished:
            raise ValueError(f"{VARIABLE} must be numpy, got {wished!r}. {_ABSENT}") from None
        warnings.warn(_ABSENT, RuntimeWarning, stacklevel=2)
        return None
    if wished:
        known = module.instruction_sets()
        if wished not in known:
            raise ValueError(
                f"{VARIABLE} must be one of {', '.join(known)} or numpy here, got {wished!r}."
            )
        module.use(wished)
    return module


def backend() -> Backend:
    """What the fast structures run on in this process."""
    return "numpy" if kernels() is None else "compiled"


def described() -> str:
    """The backend in a few words, for a report or a benchmark."""
    module = kernels()
    return "NumPy reference" if module is None else f"compiled, {module.instruction_set()}"
