"""Counting tokens without a network, and the packed word lists under it."""

from __future__ import annotations

import hashlib
import lzma
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guide_helpers import tokens, vocabulary
from guide_helpers.errors import UnknownNameError, VocabularyError

# check strings and counts: tiktoken 0.14.0, run against the published vocabularies
TEXTS = ["Hello world", "Explain quantum computing simply", "Привет, мир", "你好，世界", "1234567890"]
COUNTS = {"gpt-5.6-luna": [2, 4, 4, 3, 4], "gpt-4": [2, 5, 6, 6, 4]}


@pytest.mark.parametrize(
    ("model", "text", "expected"),
    [
        (model, text, count)
        for model, counts in COUNTS.items()
        for text, count in zip(TEXTS, counts, strict=True)
    ],
)
def test_counts_are_tiktokens(model: str, text: str, expected: int) -> None:
    """The known strings count as they do with the published vocabulary."""
    counted = tokens.count(text, model)
    assert (counted.tokens, counted.exact) == (expected, True)


def test_an_unpublished_vocabulary_is_labelled() -> None:
    """A model tiktoken does not know gets an inexact count that names its encoding."""
    counted = tokens.count("Hello world", "gpt-6-luna")
    assert (counted.tokens, counted.exact, counted.encoding) == (2, False, "o200k_base")
    assert "not published" in str(counted)


def test_without_tiktoken_it_estimates_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser edition has no tiktoken: a rounded-up quarter of the bytes, labelled."""
    monkeypatch.setitem(sys.modules, "tiktoken", None)
    monkeypatch.setitem(sys.modules, "tiktoken.model", None)
    monkeypatch.setattr(vocabulary, "_loaded", {})
    tokens._coder.cache_clear()
    try:
        counted = tokens.count("Hello world")
        assert (counted.tokens, counted.exact) == (3, False)
        assert "estimated" in str(counted)
        assert "".join(tokens.pieces("Hello world")) == "Hello world"
    finally:
        tokens._coder.cache_clear()


@given(st.text())
def test_pieces_join_to_the_text(text: str) -> None:
    """Whatever the script, the pieces are the text again, and each is whole characters."""
    assert "".join(tokens.pieces(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", " " * 1_000_000, "a" * 400_000, "\ud800", "\x00" * 10],
    ids=["empty", "spaces", "run", "half", "nul"],
)
def test_no_text_breaks_it(text: str) -> None:
    """Not even a million spaces, which make tiktoken panic."""
    assert tokens.count(text).tokens >= 0


@pytest.mark.parametrize("encoding", vocabulary.PACKED)
def test_packed_lists_have_the_hash_tiktoken_expects(encoding: str, tmp_path: Path) -> None:
    """What is unpacked is byte for byte what tiktoken would have fetched."""
    path = vocabulary.unpack(encoding, folder=tmp_path)
    assert path.name == vocabulary.PACKED[encoding].cache_name
    assert hashlib.sha256(path.read_bytes()).hexdigest() == vocabulary.PACKED[encoding].sha256


def test_our_hashes_are_tiktokens_own() -> None:
    """The hash we check is the one written in the installed tiktoken."""
    import inspect

    from tiktoken_ext import openai_public

    source = inspect.getsource(openai_public)
    assert all(packed.sha256 in source for packed in vocabulary.PACKED.values())


def test_a_damaged_cache_is_replaced(tmp_path: Path) -> None:
    """A cut-off file in the cache folder is unpacked anew instead of being used."""
    packed = vocabulary.PACKED["cl100k_base"]
    (tmp_path / packed.cache_name).write_bytes(b"half a file")
    path = vocabulary.unpack("cl100k_base", folder=tmp_path)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == packed.sha256
    assert [each.name for each in tmp_path.iterdir()] == [packed.cache_name]


@pytest.mark.parametrize("contents", [b"not xz", lzma.compress(b"other words")], ids=["not xz", "other"])
def test_a_damaged_package_says_so(contents: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A packed file that was damaged (by git, say) raises, with the cure, and fetches nothing."""
    (tmp_path / "cl100k_base.tiktoken.xz").write_bytes(contents)
    monkeypatch.setattr(vocabulary, "files", lambda _: tmp_path)
    with pytest.raises(VocabularyError, match="binary"):
        vocabulary.unpack("cl100k_base", folder=tmp_path / "out")


def test_an_unknown_encoding_names_the_known() -> None:
    """Only two lists are carried, and the message names them."""
    with pytest.raises(UnknownNameError, match="o200k_base, cl100k_base"):
        vocabulary.unpack("p50k_base")


@pytest.mark.process
def test_a_reader_finds_the_environment_as_it_was(tmp_path: Path) -> None:
    """In a fresh process with a cache variable of its own, loading leaves that variable alone."""
    code = (
        "import os; from guide_helpers import tokens;"
        "assert tokens.count('Hello world').tokens == 2;"
        "assert os.environ['TIKTOKEN_CACHE_DIR'] == 'mine'"
    )
    environ = {"PYTHONPATH": os.pathsep.join(sys.path), "TIKTOKEN_CACHE_DIR": "mine", "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environ, cwd=tmp_path)
