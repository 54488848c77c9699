"""The house stands as drawn: imports run one way, and no import hides inside a function to break a circle."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

BASE_DIR = Path(__file__).resolve().parent.parent
# A room may import itself and what stands left of it.
MAY_IMPORT = {
    "unionportal": {"unionportal"},
    "members": {"unionportal", "members"},
    "stations": {"unionportal", "members", "stations"},
    "bargaining": {"unionportal", "members", "bargaining"},
    "campaigns": {"unionportal", "members", "stations", "bargaining", "campaigns"},
}
ROOMS = set(MAY_IMPORT)
# Django wants the app registry full before models are imported, so an AppConfig imports in `ready`.
LATE_IMPORTS_ALLOWED = {"apps.py"}


def sources() -> Iterator[tuple[str, Path]]:
    for room in sorted(ROOMS):
        for path in sorted((BASE_DIR / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield room, path


def imported(tree: ast.AST) -> Iterator[tuple[str, ast.stmt]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.split(".")[0], node
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0], node


def test_imports_run_from_the_ground_floor_upwards_only():
    wrong = [
        f"{path.relative_to(BASE_DIR)}:{node.lineno} imports {name}"
        for room, path in sources()
        for name, node in imported(ast.parse(path.read_text("utf-8")))
        if name in ROOMS and name not in MAY_IMPORT[room]
    ]
    assert not wrong, "\n".join(wrong)


def test_the_ground_floor_names_no_domain_app_even_in_a_string():
    allowed = {"settings.py", "urls.py"}
    wrong = []
    for room, path in sources():
        if room != "unionportal" or path.name in allowed:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                app, dot, rest = node.value.partition(".")
                if app in ROOMS - {"unionportal"} and dot and rest[:1].isupper() and " " not in node.value:
                    wrong.append(f"{path.relative_to(BASE_DIR)}:{node.lineno} names {node.value}")
    assert not wrong, "\n".join(wrong)


def test_no_import_of_our_own_rooms_hides_inside_a_function():
    wrong = []
    for _room, path in sources():
        if path.name in LATE_IMPORTS_ALLOWED:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            wrong += [
                f"{path.relative_to(BASE_DIR)}:{node.lineno}"
                for name, node in imported(ast.Module(function.body, []))
                if name in ROOMS
            ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("room", sorted(ROOMS - {"unionportal"}))
def test_every_app_has_the_same_rooms(room):
    """A file stands where a reader looks for it: what writes is in actions, what is scoped in permissions."""
    folder = BASE_DIR / room
    names = {path.stem for path in folder.iterdir() if not path.name.startswith("_")}
    if "models" in names:
        assert {"actions", "permissions", "admin", "apps"} <= names
