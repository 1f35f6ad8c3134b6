"""Imports point down: model, records, then lint, analysis and ingest, then export, then cli and api. Lazy imports count."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ("", "model", "records", "lint analysis ingest", "export", "cli api")
RANK = {name: rank for rank, row in enumerate(LAYERS) for name in row.split(" ")}
MODULES = {
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__"): path
    for path in sorted((ROOT / "kb").rglob("*.py"))
}
_DOTTED = re.compile(r"(kb(?:\.[a-z_0-9]+)+)(?::\w+)?")


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each module of the project that a file imports, lazily or by a name in a table, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: import by the full module path"
            names = [
                f"{node.module}.{alias.name}" if f"{node.module}.{alias.name}" in MODULES else str(node.module) for alias in node.names
            ]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and (found := _DOTTED.fullmatch(node.value)):
            names = [found[1]]
        for name in names:
            if name in MODULES:
                yield name, node.lineno


def layer(module: str) -> str:
    """Return the folder of a module; those in none stand below all, but for the process, which starts the command line."""
    path = MODULES[module].relative_to(ROOT / "kb")
    if path.name == "__main__.py":
        return "cli"
    return path.parts[0] if len(path.parts) > 1 else ""


@pytest.mark.parametrize("module", [name for name in MODULES if name != "kb"])
def test_imports_point_down(module: str) -> None:
    here = layer(module)
    assert here in RANK, f"{module} belongs to no layer"
    for target, line in imports(MODULES[module]):
        there = layer(target)
        # The package itself holds the version; what it offers to users stands above all layers.
        allowed = target == "kb" or there == here or RANK[there] < RANK[here]
        assert allowed, f"{MODULES[module].relative_to(ROOT)}:{line}: {here} may not import {target}"


def loaded_with(path: Path) -> set[str]:
    """Return the modules of the project that loading a file loads: its imports outside functions and type checking."""
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        typing_only = isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        if not typing_only and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))
    return found & set(MODULES)


def test_no_module_loads_itself_by_a_detour() -> None:
    """Within a folder a lazy import may point back: so the index answers without loading what builds it."""
    graph = {module: loaded_with(path) - {"kb", module} for module, path in MODULES.items()}
    done: set[str] = set()

    def walk(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, f"a circle of imports: {' -> '.join((*way[way.index(module) :], module))}"
        if module not in done:
            for target in sorted(graph[module]):
                walk(target, (*way, module))
            done.add(module)

    for module in graph:
        walk(module, ())
