"""The page docs/systems.md is honest: every system once, and what it calls carried is proven by a test."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "systems.md"
EVERY_ROW = [f"A{number:03d}" for number in range(1, 161)]
APPS = {"stations", "members", "bargaining", "campaigns", "all"}
NOT_RUN = {"skip", "skipif", "xfail"}


class System(NamedTuple):
    row: str
    name: str
    apps: str
    place: str
    state: str


class Marks(NamedTuple):
    proven: set[str]
    """Rows borne by a test that runs."""
    unread: list[str]
    """Marks that prove nothing: on no test, on one that may not run, or with a row that is not a literal."""


def read_page(text: str) -> list[System]:
    """The rows of the page's table, in order. Raises ValueError where a row has not five cells."""
    systems = []
    for line in text.splitlines():
        if not re.match(r"\|\s*A\d", line):
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) != len(System._fields):
            raise ValueError(f"A row has {len(System._fields)} cells: {line}")
        systems.append(System(*cells))
    return systems


def _mark_name(node: ast.expr) -> str:
    """``"system"`` for ``pytest.mark.system`` and ``pytest.mark.system(…)``; empty for anything else."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="mark"), attr=name)):
            return name
        case ast.Attribute(value=ast.Attribute(attr="mark"), attr=name):
            return name
        case _:
            return ""


def _marks_borne_by_tests(tree: ast.Module) -> Iterator[list[ast.expr]]:
    """The marks that stand together on each test function, test class or module."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if name.startswith("test_"):
                yield node.decorator_list
            case ast.ClassDef(name=name) if name.startswith("Test"):
                yield node.decorator_list
            case ast.Assign(targets=[ast.Name(id="pytestmark")], value=ast.List(elts=marks)):
                yield marks
            case ast.Assign(targets=[ast.Name(id="pytestmark")], value=mark):
                yield [mark]


def read_marks(source: str) -> Marks:
    """The rows that the tests of one file prove."""
    tree = ast.parse(source)
    proven: set[str] = set()
    read: set[ast.expr] = set()
    for marks in _marks_borne_by_tests(tree):
        if any(_mark_name(mark) in NOT_RUN for mark in marks):
            continue
        for mark in marks:
            if isinstance(mark, ast.Call) and _mark_name(mark) == "system" and not mark.keywords:
                rows = [arg.value for arg in mark.args if isinstance(arg, ast.Constant)]
                if rows and len(rows) == len(mark.args):
                    proven.update(str(row) for row in rows)
                    read.add(mark)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _mark_name(node) == "system"]
    return Marks(proven, [f"line {call.lineno}: {ast.unparse(call)}" for call in calls if call not in read])


@pytest.fixture(scope="module")
def systems() -> list[System]:
    return read_page(PAGE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def marks() -> Marks:
    proven: set[str] = set()
    unread: list[str] = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        found = read_marks(path.read_text(encoding="utf-8"))
        proven |= found.proven
        unread += [f"{path.relative_to(ROOT)}, {what}" for what in found.unread]
    return Marks(proven, unread)


def test_every_system_stands_on_the_page_once_and_in_order(systems: list[System]) -> None:
    assert [system.row for system in systems] == EVERY_ROW
    names = Counter(system.name for system in systems)
    assert [name for name, times in names.items() if times > 1 or not name] == []


def test_every_row_names_an_app_a_place_and_a_state(systems: list[System]) -> None:
    for system in systems:
        assert set(system.apps.split(" + ")) <= APPS, system
        assert system.place, system
        assert system.state in {"carried", "planned", "out"}, system


def test_a_system_left_out_says_why(systems: list[System]) -> None:
    for system in systems:
        assert (system.state == "out") == system.place.startswith("Out: "), system


def test_every_carried_system_is_proven_by_a_test(systems: list[System], marks: Marks) -> None:
    carried = {system.row for system in systems if system.state == "carried"}
    assert sorted(carried - marks.proven) == [], "carried on the page, but no test bears the mark"


def test_no_test_claims_a_system_that_is_not_carried(systems: list[System], marks: Marks) -> None:
    carried = {system.row for system in systems if system.state == "carried"}
    assert sorted(marks.proven - carried) == [], "marked in a test, but not called carried on the page"


def test_every_mark_is_borne_by_a_test_that_runs(marks: Marks) -> None:
    assert marks.unread == []


# --- The reader itself -----------------------------------------------------------------------------------


def test_marks_are_read_from_functions_classes_and_modules() -> None:
    source = """
pytestmark = [pytest.mark.django_db, pytest.mark.system("A001")]

@pytest.mark.system("A002", "A003")
def test_one(): ...

@pytest.mark.system("A004")
class TestMany:
    @pytest.mark.system("A005")
    async def test_two(self): ...
"""
    assert read_marks(source) == Marks({"A001", "A002", "A003", "A004", "A005"}, [])


@pytest.mark.parametrize(
    "source",
    [
        '@pytest.mark.system("A001")\ndef helper(): ...',
        '@pytest.mark.skip\n@pytest.mark.system("A001")\ndef test_one(): ...',
        '@pytest.mark.xfail(reason="later")\n@pytest.mark.system("A001")\ndef test_one(): ...',
        "@pytest.mark.system(ROW)\ndef test_one(): ...",
        "@pytest.mark.system()\ndef test_one(): ...",
        'marks = pytest.mark.system("A001")',
    ],
)
def test_a_mark_that_proves_nothing_is_reported(source: str) -> None:
    found = read_marks(source)
    assert found.proven == set()
    assert len(found.unread) == 1


def test_a_mark_inside_a_string_is_not_a_mark() -> None:
    assert read_marks('TEXT = """@pytest.mark.system("A001")"""') == Marks(set(), [])


def test_a_row_with_a_missing_cell_is_refused() -> None:
    with pytest.raises(ValueError, match="5 cells"):
        read_page("| A001 | Register | stations | carried |")


def test_a_doubled_row_is_seen_as_two() -> None:
    row = "| A001 | Register | stations | Admin | carried |"
    assert [system.row for system in read_page(f"{row}\n{row}")] == ["A001", "A001"]
