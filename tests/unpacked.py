"""What lies in the files of a browser's profile, once every part is opened that we know how to open.

SQLite by its rows, LevelDB by its keys and values, gzip, deflate, Snappy, LZ4 as Firefox writes it; Brotli and Zstandard by the Node that
Playwright brings. Not opened: what the browser encrypts with a key of the operating system (cookies), and raw deflate, which nothing gives away.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import shutil
import sqlite3
import subprocess
import tempfile
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import playwright

from tests import leveldb

DEPTH_MAX = 4
SQLITE = b"SQLite format 3\0"
GZIP, ZLIB, ZSTD = rb"\x1f\x8b\x08", rb"\x78[\x01\x5e\x9c\xda]", b"\x28\xb5\x2f\xfd"
BLINK_SNAPPY = b"\xff\x11\x02"  # Blink's mark before a value of IndexedDB that it compressed
FRAMED = b"\xff\x06\x00\x00sNaPpY"
MOZ_LZ4 = b"mozLz40\0"
CACHED, CACHED_END = bytes.fromhex("305c72a71b6dfbfc"), bytes.fromhex("d8410d97456ffaf4")  # an entry of Chromium's cache, the end of its body
BROTLI = re.compile(rb"content-encoding: ?br\b", re.IGNORECASE)
NODE = Path(playwright.__file__).parent / "driver" / "node"
OPENER = """
const zlib = require('node:zlib');
require('node:readline').createInterface({input: process.stdin}).on('line', (line) => {
  const [kind, data] = JSON.parse(line);
  const open = {br: zlib.createBrotliDecompress, zstd: zlib.createZstdDecompress}[kind]();
  const parts = [];
  const done = () => { if (!open.told) process.stdout.write(Buffer.concat(parts).toString('base64') + '\\n'); open.told = true; };
  open.on('data', (part) => parts.push(part)).on('end', done).on('error', done);
  open.end(Buffer.from(data, 'base64'));
});
"""


def unpacked(path: Path) -> Iterator[bytes]:
    """The file as it lies there, and everything in it that was compressed or cut in pieces."""
    data = path.read_bytes()
    yield data
    yield from opened(data, path)


def opened(data: bytes, path: Path | None = None, depth: int = 0) -> Iterator[bytes]:
    """What is in a piece, and in what is in it."""
    if depth < DEPTH_MAX:
        for part in _parts(data, path):
            yield part
            yield from opened(part, None, depth + 1)


def _parts(data: bytes, path: Path | None) -> Iterator[bytes]:
    if path and data.startswith(SQLITE):
        yield from _rows(path)
    if path and path.suffix in {".ldb", ".sst"}:
        yield from leveldb.entries(data, lambda block: by_node("zstd", block))
    if path and (path.suffix == ".log" or path.name.startswith("MANIFEST")):
        for record in leveldb.records(data):
            yield record
            yield from leveldb.batch(record)
    if data.startswith(MOZ_LZ4):
        yield _lz4(data[12:])
    if data.startswith(FRAMED):
        yield _framed(data)
    if BROTLI.search(data):
        yield from filter(None, (by_node("br", body) for body in _bodies(data)))
    yield from filter(None, (by_node("zstd", data[at:]) for at in _all(ZSTD, data)))
    yield from filter(None, (_inflated(memoryview(data)[match.start() :]) for match in re.finditer(rb"%b|%b" % (GZIP, ZLIB), data)))
    yield from filter(None, (leveldb.unsnapped(data[at + 3 :]) for at in _all(BLINK_SNAPPY, data)))
    whole = leveldb.unsnapped(data)
    if whole:
        yield whole


def _all(mark: bytes, data: bytes) -> Iterator[int]:
    at = data.find(mark)
    while at >= 0:
        yield at
        at = data.find(mark, at + 1)


def _inflated(data: memoryview) -> bytes:
    with contextlib.suppress(zlib.error):
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(data, leveldb.SIZE_MAX)
    return b""


def _rows(path: Path) -> Iterator[bytes]:
    """Every text and blob of a database, read from a copy with its journals beside it."""
    with tempfile.TemporaryDirectory() as folder:
        for one in path.parent.glob(f"{path.name}*"):
            shutil.copy(one, folder)
        with contextlib.closing(sqlite3.connect(Path(folder) / path.name)) as database, contextlib.suppress(sqlite3.DatabaseError):
            database.text_factory = bytes
            tables = [name.decode() for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                with contextlib.suppress(sqlite3.DatabaseError):
                    for row in database.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - as the database names it
                        yield from (value for value in row if isinstance(value, bytes))


def _bodies(entry: bytes) -> Iterator[bytes]:
    """The body of an answer in the cache of Chromium or Firefox."""
    if entry.startswith(CACHED):
        start = 24 + int.from_bytes(entry[12:16], "little")
        yield entry[start : max(entry.find(CACHED_END, start), start)]
    else:
        yield entry[: int.from_bytes(entry[-4:], "big")]


def _framed(data: bytes) -> bytes:
    """The framing format of Snappy, in which Firefox keeps files."""
    at, out = len(FRAMED), b""
    while at + 4 <= len(data):
        kind, size = data[at], int.from_bytes(data[at + 1 : at + 4], "little")
        piece = data[at + 8 : at + 4 + size]
        out += (leveldb.unsnapped(piece) or b"") if kind == 0 else piece if kind == 1 else b""
        at += 4 + size
    return out


def _lz4(data: bytes) -> bytes:
    """A block of LZ4, as far as it is sound."""
    out, at = bytearray(), 0
    with contextlib.suppress(IndexError):
        while at < len(data):
            token, at = data[at], at + 1
            size, at = _length(data, at, token >> 4)
            out += data[at : at + size]
            at += size
            if at >= len(data):
                break
            back, at = int.from_bytes(data[at : at + 2], "little"), at + 2
            size, at = _length(data, at, token & 15)
            leveldb.copy(out, back, size + 4)
    return bytes(out)


def _length(data: bytes, at: int, size: int) -> tuple[int, int]:
    if size == 15:
        while data[at] == 255:
            size, at = size + 255, at + 1
        size, at = size + data[at], at + 1
    return size, at


def by_node(kind: str, data: bytes) -> bytes:
    """What Node makes of it: kind is br or zstd; b'' when it is neither."""
    node = _node()
    assert node.stdin
    assert node.stdout
    node.stdin.write(json.dumps([kind, base64.b64encode(data).decode()]).encode() + b"\n")
    node.stdin.flush()
    return base64.b64decode(node.stdout.readline())


@cache
def _node() -> subprocess.Popen[bytes]:
    """One for all that is asked; it ends with this process, whose pipe it reads."""
    return subprocess.Popen([NODE, "-e", OPENER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
