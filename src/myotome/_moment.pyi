# The compiled loop; arrays must be contiguous and of the named precision.

from typing import Any

from numpy.typing import NDArray

def advance_float32(
    instruction_set: str,
    sizes: dict[str, int],
    arrays: dict[str, NDArray[Any]],
    inputs: list[NDArray[Any]],
    channels: list[NDArray[Any] | None],
    threads: int,
) -> tuple[NDArray[Any], ...]: ...
def advance_float64(
    instruction_set: str,
    sizes: dict[str, int],
    arrays: dict[str, NDArray[Any]],
    inputs: list[NDArray[Any]],
    channels: list[NDArray[Any] | None],
    threads: int,
) -> tuple[NDArray[Any], ...]: ...
