# Compiled kernels; arrays must be contiguous and of the named precision, and are not checked.

from typing import Any

from numpy import uint8, uint32
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
def dorsal_horn(weights: NDArray[Any], state: NDArray[Any], drives: NDArray[Any]) -> None: ...
def renshaw(
    rates: NDArray[Any], weights: NDArray[Any], state: NDArray[Any], fired: NDArray[Any]
) -> None: ...
def ectopic(
    constants: NDArray[Any],
    wholes: NDArray[uint32],
    state: NDArray[Any],
    whole_state: NDArray[uint32],
    inputs: NDArray[Any],
    step_ms: float,
    seed: int,
) -> None: ...
def endplates(
    rates: NDArray[Any],
    constants: NDArray[Any],
    place: NDArray[uint32],
    state: NDArray[Any],
    whole_state: NDArray[uint32],
    seed: int,
) -> None: ...
def plateau_cells(
    constants: NDArray[Any],
    state: NDArray[Any],
    currents: NDArray[Any],
    fired: NDArray[uint8],
    step_ms: float,
) -> None: ...
