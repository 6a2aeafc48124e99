"""LevelDB's two kinds of files taken apart, and the compression that it uses, by google/leveldb `doc/` and google/snappy `format_description.txt`.

What is damaged gives what can be read of it: a browser that was killed leaves half a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

FOOTER, MAGIC = 48, bytes.fromhex("57fb808b247547db")
BLOCK, HEADER = 32768, 7
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4
SNAPPY, ZSTD = 1, 2
SIZE_MAX = 1 << 28

Unpack = Callable[[bytes], bytes | None]


def entries(table: bytes, zstd: Unpack) -> Iterator[bytes]:
    """Every key with its value in an .ldb file, the keys written out in full; `zstd` opens a block of that kind."""
    if table[-8:] != MAGIC:
        return
    at = _skip_handle(table, len(table) - FOOTER)
    for _, handle in _pairs(_block(table, at, zstd)):
        for key, value in _pairs(_block_of(table, handle, zstd)):
            yield key + value
            yield value


def records(log: bytes) -> Iterator[bytes]:
    """Every record of a .log or MANIFEST file, those in pieces put together."""
    whole = b""
    for start in range(0, len(log), BLOCK):
        block = log[start : start + BLOCK]
        at = 0
        while at + HEADER < len(block):
            size, kind = int.from_bytes(block[at + 4 : at + 6], "little"), block[at + 6]
            piece = block[at + HEADER : at + HEADER + size]
            at += HEADER + size
            if not FULL <= kind <= LAST:
                break
            whole = piece if kind in (FULL, FIRST) else whole + piece
            if kind in (FULL, LAST):
                yield whole
                whole = b""
    yield whole


def batch(record: bytes) -> Iterator[bytes]:
    """Every value that a record of a .log file puts."""
    at = 12
    try:
        while at < len(record):
            puts = record[at]
            size, at = varint(record, at + 1)
            at += size
            if puts:
                size, at = varint(record, at)
                yield record[at : at + size]
                at += size
    except IndexError:
        return


def unsnapped(data: bytes) -> bytes | None:
    """What was compressed, None when this is no whole piece of Snappy."""
    try:
        size, at = varint(data, 0)
        out = bytearray()
        while at < len(data) and len(out) <= size <= SIZE_MAX:
            at = _element(data, at, out)
    except IndexError:
        return None
    return bytes(out) if len(out) == size and size else None


def _element(data: bytes, at: int, out: bytearray) -> int:
    """Takes one literal or copy over into `out`; where the next begins."""
    tag, at = data[at], at + 1
    kind, size = tag & 3, (tag >> 2) + 1
    if kind == 0:
        if size > 60:
            width = size - 60
            size, at = int.from_bytes(data[at : at + width], "little") + 1, at + width
        if at + size > len(data):
            raise IndexError("a literal goes on after the end")
        out += data[at : at + size]
        return at + size
    width = (1, 2, 4)[kind - 1]
    back = int.from_bytes(data[at : at + width], "little")
    if kind == 1:
        size, back = (tag >> 2 & 7) + 4, (tag >> 5) << 8 | data[at]
    copy(out, back, size)
    return at + width


def copy(out: bytearray, back: int, size: int) -> None:
    """What stands `back` bytes before the end once more, also where it runs into itself."""
    if not 0 < back <= len(out):
        raise IndexError("a copy from before the beginning")
    piece = out[-back:][:size]
    out += (piece * (size // len(piece) + 1))[:size]


def varint(data: bytes, at: int) -> tuple[int, int]:
    """(number, where the next begins)."""
    value = shift = 0
    while shift < 70:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            break
    return value, at


def _skip_handle(table: bytes, at: int) -> int:
    _, at = varint(table, at)
    return varint(table, at)[1]


def _block_of(table: bytes, handle: bytes, zstd: Unpack) -> bytes:
    return _block(handle + bytes(20), 0, zstd, table)


def _block(said: bytes, at: int, zstd: Unpack, table: bytes | None = None) -> bytes:
    """The block that a handle (offset, size) points at, opened."""
    table = said if table is None else table
    offset, at = varint(said, at)
    size, _ = varint(said, at)
    raw, kind = table[offset : offset + size], table[offset + size : offset + size + 1]
    unpack = {bytes([SNAPPY]): unsnapped, bytes([ZSTD]): zstd}.get(kind, bytes)
    return unpack(raw) or b""


def _pairs(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values; a key says how much of the one before it begins with."""
    end = len(block) - 4 - 4 * int.from_bytes(block[-4:], "little")
    at, key = 0, b""
    try:
        while at < end:
            shared, at = varint(block, at)
            own, at = varint(block, at)
            size, at = varint(block, at)
            key = key[:shared] + block[at : at + own]
            at += own
            yield key, block[at : at + size]
            at += size
    except IndexError:
        return
