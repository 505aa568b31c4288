"""Write the project's public address into every badge, install cell and link.

    python tools/stamp.py

The address stands once, under [project.urls] in pyproject.toml. What stands in notebook 00's badge
is the address of the last stamping; wherever that is found, the new one takes its place.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
STAMPED = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "notebooks/*.ipynb")
# github.com/owner/name, as it also stands inside Colab's and Binder's addresses
ADDRESS = re.compile(r"(?:github\.com/|/github/|/v2/gh/)([\w.-]+/[\w.-]+)")


def files() -> list[Path]:
    """Return every file that carries the address."""
    return sorted(path for pattern in STAMPED for path in ROOT.glob(pattern))


def wanted() -> str:
    """Return owner/name from pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["urls"]["Repository"]).removeprefix("https://github.com/").rstrip("/")


def stamped() -> str:
    """Return owner/name as notebook 00 has it."""
    found = ADDRESS.search((ROOT / "notebooks/00_start_here.ipynb").read_text(encoding="utf-8"))
    if found is None:
        raise SystemExit("notebooks/00_start_here.ipynb has no badge to read the old address from.")
    return found[1]


def main() -> None:
    """Replace the old address by the new one wherever it stands."""
    old, new = stamped(), wanted()
    for path in files():
        text = path.read_text(encoding="utf-8")
        if old != new and old in text:
            path.write_text(text.replace(old, new), encoding="utf-8")
            print(f"{path.relative_to(ROOT)}: {old} -> {new}")


if __name__ == "__main__":
    main()
