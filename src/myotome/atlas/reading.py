"""Reading: turns a packaged table into typed, immutable rows.

A row class names the table's columns as its fields, and its annotations say how a cell is read.
Several identifiers in one cell are separated by ``;``. An empty cell of an optional number is
None: unknown, never zero.
"""

from __future__ import annotations

import csv
import io
import pkgutil  # importlib.resources would do, and takes 10 ms of a fresh process to load
from collections.abc import Callable
from typing import Any, TypeVar

Row = TypeVar("Row")


def _identifiers(cell: str) -> tuple[str, ...]:
    return tuple(cell.split(";")) if cell else ()


def _optional_number(cell: str) -> float | None:
    return float(cell) if cell else None


def _yes(cell: str) -> bool:
    if cell not in {"yes", "no"}:
        raise ValueError(f"a yes-or-no cell must be yes or no, got '{cell}'.")
    return cell == "yes"


_READERS: dict[str, Callable[[str], Any] | None] = {
    "str": None,  # as it stands
    "int": int,
    "float": float,
    "bool": _yes,
    "float | None": _optional_number,
    "tuple[str, ...]": _identifiers,
}


def read_bytes(package: str, *path: str) -> bytes:
    """Content of a packaged file.

    Raises:
        FileNotFoundError: The package holds no such file.
    """
    content = pkgutil.get_data(package, "/".join(path))
    if content is None:
        raise FileNotFoundError(f"{package} holds no {'/'.join(path)}.")
    return content


def read_table(row_type: type[Row], package: str, *path: str) -> tuple[Row, ...]:
    """Every row of a packaged table, in the order of the file.

    Args:
        row_type: A class whose annotated fields are the table's columns, in the same order.
        package: The package that holds the table.
        path: Folder and file name inside it.

    Raises:
        ValueError: The header differs from the row type, or a line cannot be read.
    """
    lines = csv.reader(io.StringIO(read_bytes(package, *path).decode("utf-8"), newline=""))
    header = next(lines)
    fields = row_type.__annotations__
    if list(fields) != header:
        raise ValueError(f"{path[-1]}: columns must be {list(fields)}, got {header}.")
    # A named tuple keeps a postponed annotation as ForwardRef, a dataclass as its text.
    kinds = [str(getattr(kind, "__forward_arg__", kind)) for kind in fields.values()]
    readers = [_READERS[kind] for kind in kinds]
    typed = [(place, read) for place, read in enumerate(readers) if read]
    return tuple(
        row_type(*_cells(line, len(header), typed, f"{path[-1]}:{lines.line_num}"))
        for line in lines
    )


def _cells(
    line: list[str], columns: int, typed: list[tuple[int, Callable[[str], Any]]], place: str
) -> list[Any]:
    """The cells of one line, each as its column's type."""
    if len(line) != columns:
        raise ValueError(f"{place}: a line must have {columns} cells, got {len(line)}.")
    cells: list[Any] = line
    try:
        for column, read in typed:
            cells[column] = read(line[column])
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None
    return cells
