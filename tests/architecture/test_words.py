"""Modules introduce themselves, and nothing in the repository speaks of one machine."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = [ROOT / "src" / "myotome", ROOT / "src" / "clinic"]
MODULES = [
    module
    for package in PACKAGES
    for module in sorted(package.rglob("*.py"))
    if "migrations" not in module.parts  # written by Django
]
# A name that says nothing of what is inside gathers everything.
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "tools"}
# Written in pieces, so that this file does not hold what it forbids.
PLACES_ON_A_MACHINE = re.compile(
    "|".join(
        [r"(?<![\w.])/" + r"work/", r"\.\./" + "shared", "/" + r"home/\w", r"(?<!\w)/" + "root/"]
    )
)


def _named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("module", MODULES, ids=_named)
def test_a_module_opens_with_a_sentence(module):
    opening = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    assert re.fullmatch(r"[A-Z0-9`].{15,}[.]", opening.split("\n")[0]), opening.split("\n")[0]


def _public_definitions(tree: ast.Module) -> Iterator[ast.ClassDef | ast.FunctionDef]:
    """Classes and functions that another module may use, and the methods of those classes."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from (
                    method
                    for method in node.body
                    if isinstance(method, ast.FunctionDef) and not method.name.startswith("_")
                )


def _unannotated(function: ast.FunctionDef) -> list[str]:
    given = function.args
    arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    bare = [a.arg for a in arguments if a and not a.annotation and a.arg not in {"self", "cls"}]
    return bare if function.returns else [*bare, "return"]


@pytest.mark.parametrize("module", MODULES, ids=_named)
def test_what_is_public_is_described_and_typed(module):
    for node in _public_definitions(ast.parse(module.read_text(encoding="utf-8"))):
        assert ast.get_docstring(node), f"{node.name} has no docstring"
        if isinstance(node, ast.FunctionDef):
            assert not _unannotated(node), f"{node.name}: {_unannotated(node)} have no annotation"


@pytest.mark.parametrize("module", MODULES, ids=_named)
def test_a_module_is_named_for_what_it_holds(module):
    assert not EMPTY_NAMES & {part.removesuffix(".py") for part in module.relative_to(ROOT).parts}


def _texts() -> Iterator[Path]:
    for folder in ("src", "docs", "examples", "tests", "tools", "benchmarks", ".ci"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path
    yield from (ROOT / name for name in ("README.md", "CHANGELOG.md", "Makefile", "pyproject.toml"))


def test_no_file_names_a_place_on_one_machine():
    found = []
    for path in _texts():
        if not path.exists():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture or an archive
        found += [f"{_named(path)}: {hit.group()}" for hit in PLACES_ON_A_MACHINE.finditer(text)]
    assert found == []
