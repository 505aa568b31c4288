"""The package as a whole: light to import, sorted, documented, and nothing in it unused."""

from __future__ import annotations

import inspect
import json
import pkgutil
import re
import runpy
import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import guide_helpers

ROOT = Path(__file__).parents[1]
PUBLIC = [
    import_module(f"guide_helpers.{found.name}")
    for found in pkgutil.iter_modules(guide_helpers.__path__)
    if not found.name.startswith("_")
]
HEAVY = ("ipywidgets", "openai", "tiktoken", "IPython", "starlette", "uvicorn", "genai_prices", "typer")


@pytest.mark.process
def test_importing_the_package_is_light() -> None:
    """`import guide_helpers` loads none of the heavy packages and takes under 50 ms."""
    code = (
        "import sys, time; start = time.perf_counter(); import guide_helpers;"
        "print(time.perf_counter() - start, *sys.modules)"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        ).stdout.split()
        for _ in range(3)
    ]
    assert not set(HEAVY) & set(runs[0][1:])
    assert min(float(run[0]) for run in runs) < 0.05  # the quietest of three: others may be at work


@pytest.mark.parametrize("module", PUBLIC, ids=lambda module: module.__name__)
def test_a_module_says_what_it_offers(module: ModuleType) -> None:
    """It has a docstring; its exported names exist, are sorted, and are documented."""
    assert module.__doc__
    if module.__name__ == "guide_helpers.cli":
        return
    assert module.__all__ == sorted(module.__all__, key=_case_then_name)
    for name in module.__all__:
        thing = getattr(module, name)
        if inspect.isfunction(thing) or inspect.isclass(thing):
            assert inspect.getdoc(thing), f"{module.__name__}.{name} has no docstring"


def _case_then_name(name: str) -> tuple[int, str]:
    """Sort as ruff does: CONSTANTS, then Classes, then functions."""
    group = 0 if name.isupper() else 1 if name[0].isupper() else 2
    return group, name


@pytest.mark.parametrize("module", PUBLIC, ids=lambda module: module.__name__)
def test_the_map_shows_every_module(module: ModuleType) -> None:
    """The package's docstring is its map."""
    name = module.__name__.removeprefix("guide_helpers.")
    assert re.search(rf"^{name} ", guide_helpers.__doc__ or "", re.MULTILINE)


@cache
def _names_used() -> dict[Path, set[str]]:
    """Return the names each module, tool and notebook of the project uses."""
    used = {
        path: {match[0] for match in re.finditer(r"\b\w+\b", _code(path))}
        for folder, pattern in (("guide_helpers", "*.py"), ("tools", "*.py"), ("notebooks", "*.ipynb"))
        for path in (ROOT / folder).rglob(pattern)
    }
    assert len(used) > 20
    return used


def _code(path: Path) -> str:
    """Return what may call something: a module's code without its docstrings, or a notebook's cells."""
    if path.suffix == ".ipynb":
        return "\n".join("".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"])
    return re.sub(r'"""[\s\S]*?"""', "", path.read_text("utf-8"))


@pytest.mark.parametrize("module", PUBLIC, ids=lambda module: module.__name__)
def test_no_public_name_is_unused(module: ModuleType) -> None:
    """A public name that nothing outside its own module uses goes away.

    Exempt are the exceptions, which readers catch, and classes that are only ever handed out.
    """
    if module.__name__ == "guide_helpers.errors":
        return
    own = Path(inspect.getfile(module))
    inside = own.parent if own.name == "__init__.py" else own
    used = set().union(*(names for path, names in _names_used().items() if not path.is_relative_to(inside)))
    unused = [
        name
        for name in getattr(module, "__all__", [])
        if name not in used and not inspect.isclass(getattr(module, name))
    ]
    assert unused == []


def test_an_old_python_stops_the_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    """The build says so before pip blames a dependency; on a new Python it says nothing."""
    interface = ModuleType("interface")
    interface.MetadataHookInterface = object  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "hatchling.metadata.plugin.interface", interface)
    for parent in ("hatchling", "hatchling.metadata", "hatchling.metadata.plugin"):
        monkeypatch.setitem(sys.modules, parent, ModuleType(parent))
    hook = runpy.run_path(str(ROOT / "tools/needs_python.py"))["NeedsPython"]()
    hook.update({})
    monkeypatch.setattr(sys, "version_info", (3, 10, 0))
    with pytest.raises(RuntimeError, match=r"Python 3\.11 or newer; this is 3\.10"):
        hook.update({})


def test_an_old_python_gets_a_clear_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Python 3.10 the import says what to do."""
    monkeypatch.setattr(sys, "version_info", (3, 10, 0))
    with pytest.raises(ImportError, match=r"Python 3\.11 or newer; this is 3\.10"):
        exec(compile((ROOT / "guide_helpers/__init__.py").read_text("utf-8"), "guide_helpers", "exec"), {})
