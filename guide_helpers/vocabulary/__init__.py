"""The tokenizer's two word lists, packed beside this file, so that counting needs no network.

tiktoken looks for its vocabulary in a folder named by `TIKTOKEN_CACHE_DIR`, under a name made
from the address it would otherwise fetch. We unpack the packed copy there once, check its
SHA-256 against the one tiktoken expects, and point tiktoken at the folder while it loads.
Origin and licence: README.md in this folder.
"""

from __future__ import annotations

import hashlib
import lzma
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

from guide_helpers.errors import UnknownNameError, VocabularyError

if TYPE_CHECKING:
    import tiktoken

__all__ = ["PACKED", "Packed", "load"]


@dataclass(frozen=True, slots=True)
class Packed:
    """One packed word list: the name tiktoken looks it up by, and the hash it must have."""

    cache_name: str
    sha256: str


# cache_name is the SHA-1 of the address tiktoken would fetch; both values are from tiktoken 0.14.0
PACKED = {
    "o200k_base": Packed(
        "fb374d419588a4632f3f557e76b4b70aebbca790",
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    ),
    "cl100k_base": Packed(
        "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    ),
}

_loading = threading.Lock()
_loaded: dict[str, tiktoken.Encoding] = {}


def load(encoding: str, *, folder: Path | None = None) -> tiktoken.Encoding:
    """Return tiktoken's encoding of that name, loaded from the packed word list.

    `folder` is where to unpack; by default the user's cache folder, or a temporary one where that
    cannot be written. Raises `ImportError` where tiktoken is missing (the browser edition),
    `UnknownNameError` for an encoding that is not packed, `VocabularyError` for a damaged file.
    """
    import tiktoken  # noqa: F401 -- missing in the browser edition: say so before anything is unpacked

    with _loading:
        if encoding not in _loaded:
            path = unpack(encoding, folder=folder)
            with _tiktoken_reads_from(path.parent):
                _loaded[encoding] = _made(encoding)
        return _loaded[encoding]


def _made(encoding: str) -> tiktoken.Encoding:
    """Make an encoding of our own, which keeps the word list once and not twice: 29 MB less."""
    import tiktoken
    from tiktoken_ext.openai_public import ENCODING_CONSTRUCTORS  # type: ignore[import-untyped]

    made = tiktoken.Encoding(**ENCODING_CONSTRUCTORS[encoding]())
    made._mergeable_ranks = {}  # noqa: SLF001 -- only a pickled copy would need it
    return made


def unpack(encoding: str, *, folder: Path | None = None) -> Path:
    """Unpack one word list if it is not there yet, and return its path.

    An existing file with another hash is replaced. Raises as `load` does.
    """
    packed = _packed(encoding)
    path = (folder or _cache_folder()) / packed.cache_name
    if not (path.is_file() and _sha256(path.read_bytes()) == packed.sha256):
        _write_whole(path, _contents(encoding, packed))
    return path


def _packed(encoding: str) -> Packed:
    if encoding not in PACKED:
        raise UnknownNameError(
            f"The guide carries no word list called {encoding!r}.",
            f"Use one of {', '.join(PACKED)}.",
        )
    return PACKED[encoding]


def _contents(encoding: str, packed: Packed) -> bytes:
    name = f"{encoding}.tiktoken.xz"
    try:
        raw = lzma.decompress(files(__package__).joinpath(name).read_bytes())
    except (OSError, lzma.LZMAError) as error:
        raise VocabularyError(
            f"The packed word list {name} cannot be read ({type(error).__name__}).", _REINSTALL
        ) from None
    if _sha256(raw) != packed.sha256:
        raise VocabularyError(f"The packed word list {name} is damaged.", _REINSTALL)
    return raw


_REINSTALL = "Install the guide again; a checkout must keep *.xz files as binary."


def _cache_folder() -> Path:
    folder = user_cache_path("openai-key-guide") / "vocabulary"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.gettempdir()) / "openai-key-guide-vocabulary"
    usable = os.access(folder, os.W_OK)
    return folder if usable else Path(tempfile.gettempdir()) / "openai-key-guide-vocabulary"


def _write_whole(path: Path, contents: bytes) -> None:
    """Write beside the target and rename: two kernels that start at once never read half a file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
            part.write(contents)
        Path(part.name).replace(path)
    except OSError as error:
        raise VocabularyError(
            f"The word list cannot be unpacked into {path.parent} ({error.strerror}).",
            "Free some space or make the folder writable.",
        ) from None


@contextmanager
def _tiktoken_reads_from(folder: Path) -> Iterator[None]:
    before = os.environ.get("TIKTOKEN_CACHE_DIR")
    os.environ["TIKTOKEN_CACHE_DIR"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["TIKTOKEN_CACHE_DIR"]
        else:
            os.environ["TIKTOKEN_CACHE_DIR"] = before


def _sha256(contents: bytes) -> str:
    return hashlib.sha256(contents).hexdigest()
