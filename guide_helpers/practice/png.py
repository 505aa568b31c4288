"""Pictures of words: a PNG of two colours, drawn with a small font of our own."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_WIDE, _HIGH = 5, 7

# each letter is seven rows of five dots, a row written as the number its dots make
_FONT: dict[str, tuple[int, ...]] = {
    " ": (0, 0, 0, 0, 0, 0, 0),
    "A": (14, 17, 17, 31, 17, 17, 17),
    "B": (30, 17, 17, 30, 17, 17, 30),
    "C": (14, 17, 16, 16, 16, 17, 14),
    "D": (30, 17, 17, 17, 17, 17, 30),
    "E": (31, 16, 16, 30, 16, 16, 31),
    "F": (31, 16, 16, 30, 16, 16, 16),
    "G": (14, 17, 16, 23, 17, 17, 15),
    "H": (17, 17, 17, 31, 17, 17, 17),
    "I": (14, 4, 4, 4, 4, 4, 14),
    "J": (7, 2, 2, 2, 2, 18, 12),
    "K": (17, 18, 20, 24, 20, 18, 17),
    "L": (16, 16, 16, 16, 16, 16, 31),
    "M": (17, 27, 21, 21, 17, 17, 17),
    "N": (17, 25, 25, 21, 19, 19, 17),
    "O": (14, 17, 17, 17, 17, 17, 14),
    "P": (30, 17, 17, 30, 16, 16, 16),
    "Q": (14, 17, 17, 17, 21, 18, 13),
    "R": (30, 17, 17, 30, 20, 18, 17),
    "S": (15, 16, 16, 14, 1, 1, 30),
    "T": (31, 4, 4, 4, 4, 4, 4),
    "U": (17, 17, 17, 17, 17, 17, 14),
    "V": (17, 17, 17, 17, 10, 10, 4),
    "W": (17, 17, 17, 21, 21, 27, 17),
    "X": (17, 17, 10, 4, 10, 17, 17),
    "Y": (17, 17, 10, 4, 4, 4, 4),
    "Z": (31, 1, 2, 4, 8, 16, 31),
    "0": (14, 17, 19, 21, 25, 17, 14),
    "1": (4, 12, 4, 4, 4, 4, 14),
    "2": (14, 17, 1, 6, 8, 16, 31),
    "3": (30, 1, 1, 14, 1, 1, 30),
    "4": (2, 6, 10, 18, 31, 2, 2),
    "5": (31, 16, 30, 1, 1, 17, 14),
    "6": (14, 16, 16, 30, 17, 17, 14),
    "7": (31, 1, 2, 4, 4, 8, 8),
    "8": (14, 17, 17, 14, 17, 17, 14),
    "9": (14, 17, 17, 15, 1, 1, 14),
}

Colour = tuple[int, int, int]


def letters(text: str) -> str:
    """Return the text in the letters the font has, with a space for any other."""
    return " ".join("".join(each if each in _FONT else " " for each in text.upper()).split())


def draw(
    lines: Sequence[str], size: tuple[int, int], colours: tuple[Colour, Colour], *, clear: bool
) -> bytes:
    """Return a PNG with the lines in its middle, as large as they fit, in the paper's colour and the ink's.

    `clear` paper is see-through.
    """
    width, height = size
    paper, ink = colours
    longest = max((len(line) for line in lines), default=0)
    scale = max(1, min(width // ((_WIDE + 1) * (longest + 2)), height // ((_HIGH + 2) * (len(lines) + 2))))
    rows = [row for line in lines for row in _rows(line, scale, width)]
    top = max(0, (height - len(rows)) // 2)
    blank = bytes(-(-width // 8))
    whole = [blank] * top + rows + [blank] * height
    pixels = zlib.compress(b"".join(b"\0" + row for row in whole[:height]), 9)
    header = struct.pack(">IIBBBBB", width, height, 1, 3, 0, 0, 0)  # one bit a pixel, from a palette
    chunks = [_chunk(b"IHDR", header), _chunk(b"PLTE", bytes(paper + ink))]
    if clear:
        chunks.append(_chunk(b"tRNS", b"\0"))
    return SIGNATURE + b"".join([*chunks, _chunk(b"IDAT", pixels), _chunk(b"IEND", b"")])


def _rows(line: str, scale: int, width: int) -> list[bytes]:
    """Return the rows of pixels of one line of text, each already packed, with a gap below."""
    left = max(0, (width - len(line) * (_WIDE + 1) * scale) // 2)
    rows = []
    for row in range(_HIGH):
        dots = "".join(f"{_FONT[letter][row]:05b}0" for letter in line)
        bits = "0" * left + "".join(dot * scale for dot in dots)
        rows += [_packed(bits[:width], width)] * scale
    return rows + [bytes(-(-width // 8))] * (2 * scale)


def _packed(bits: str, width: int) -> bytes:
    full = -(-width // 8)
    return int(bits.ljust(full * 8, "0") or "0", 2).to_bytes(full, "big")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
