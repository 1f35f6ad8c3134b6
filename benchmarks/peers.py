"""Comparable tools, installed into a cache of their own for measuring only. What cannot be installed is named, not counted."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

from benchmarks.measure import Command
from kb.project import resource

CACHE = Path(__file__).resolve().parent / ".cache"
SCHEMA = resource("schemas").resolve() / "study.schema.json"
PYYAML = Path(__file__).resolve().parent / "pyyaml_pydantic.py"


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a peer is not measured."""

    reason: str


def pyyaml_and_pydantic(collection: Path) -> Command:
    """Return the plain way: PyYAML's C loader and the same models, one file after the other."""
    return Command([sys.executable, str(PYYAML), str(collection)], PYYAML.parent.parent)


def python_tool(package: str, program: str, environment: str = "peers") -> Path | Missing:
    """Return a program of a Python package, installed into an environment of the cache; some packages need one of their own."""
    folder = CACHE / environment
    tool = folder / "bin" / program
    installed = folder / f".{package}"
    if not installed.exists():
        failed = _attempt([sys.executable, "-m", "venv", str(folder)])
        failed = failed or _attempt([str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", package])
        if failed:
            return Missing(f"{package} could not be installed: {failed}")
        installed.touch()
    return tool


def check_jsonschema(collection: Path) -> Command | Missing:
    """Return check-jsonschema over the same files with the same schema."""
    program = python_tool("check-jsonschema", "check-jsonschema")
    return (
        program if isinstance(program, Missing) else Command([str(program), "--schemafile", str(SCHEMA), *_files(collection)], collection)
    )


def linkml_validate(collection: Path) -> Command | Missing:
    """Return linkml-validate over the same files; its JSON Schema plug-in is given the same schema."""
    program = python_tool("linkml", "linkml-validate")
    if isinstance(program, Missing):
        return program
    model = CACHE / "linkml.yaml"
    model.write_text("id: https://example.org/study\nname: study\nclasses: {Study: {tree_root: true}}\n", encoding="utf-8")
    settings = {
        "schema": str(model),
        "target_class": "Study",
        "plugins": {"JsonschemaValidationPlugin": {"json_schema_path": str(SCHEMA)}},
    }
    config = collection / "linkml-config.yaml"
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return Command([str(program), "--config", str(config), *_files(collection)], collection)


def ajv(collection: Path) -> Command | Missing:
    """Return ajv-cli over the same files with the same schema."""
    folder = CACHE / "npm"
    program = folder / "node_modules" / ".bin" / "ajv"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        done = _attempt(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), "ajv-cli"])
        if done:
            return Missing(f"ajv-cli could not be installed: {done}")
    data = [word for file in _files(collection) for word in ("-d", file)]
    return Command([str(program), "validate", "--spec=draft2020", "-s", str(SCHEMA), *data], collection)


def hugo() -> str | Missing:
    """Return the program of Hugo: the machine's own, else one installed for measuring."""
    program = shutil.which("hugo") or python_tool("hugo", "hugo")
    return program if isinstance(program, Missing) else str(program)


def _attempt(words: list[str]) -> str:
    """Run an installation; return why it failed, or nothing."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except OSError as error:
        return str(error)
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["no reason given"])[-1]


def _files(collection: Path) -> list[str]:
    return [path.relative_to(collection).as_posix() for path in sorted(collection.glob("entries/studies/**/*.yaml"))]
