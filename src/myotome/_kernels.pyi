# Compiled kernels; arrays must be contiguous and of the named precision, and are not checked.

from typing import Any

from numpy import uint32
from numpy.typing import NDArray

def instruction_sets() -> list[str]: ...
def instruction_set() -> str: ...
def use(name: str) -> None: ...
def evaluate(name: str, x: NDArray[Any], y: NDArray[Any]) -> None: ...
def power(x: NDArray[Any], exponent: NDArray[Any], y: NDArray[Any]) -> None: ...
def random_bits(keys: NDArray[uint32], counter: int, out: NDArray[uint32]) -> None: ...
def advance(
    constants: NDArray[Any],
    shared: NDArray[Any],
    state: NDArray[Any],
    inputs: NDArray[Any],
    bits: NDArray[uint32],
    units: int,
    steps: int,
    steps_per_block: int,
    clock: int,
    crank_nicolson: bool,
    threads: int,
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]: ...
