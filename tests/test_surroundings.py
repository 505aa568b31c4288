"""What the guide needs around it."""

import importlib.metadata

import pytest

from guide_helpers import surroundings


def test_here_everything_is_ready() -> None:
    """The suite itself runs in good surroundings."""
    assert surroundings.check().good
    assert "missing" not in str(surroundings.check())


def test_a_missing_package_comes_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    """The row says missing and how to install it; the others stay ready."""
    real = importlib.metadata.version

    def version(name: str) -> str:
        if name == "ipywidgets":
            raise importlib.metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr("importlib.metadata.version", version)
    found = surroundings.check()
    assert not found.good
    assert "✗ missing" in str(found)
    assert "pip install ipywidgets" in str(found)
