"""The search of a profile finds a word however it was written down and wherever it was packed."""

from __future__ import annotations

import base64
import gzip
import sqlite3
import subprocess
import zlib
from pathlib import Path
from urllib.parse import quote

import pytest

from tests import leveldb
from tests.forensics import forms, search
from tests.unpacked import CACHED, CACHED_END, FRAMED, MOZ_LZ4, NODE

WORD = "kanariëvogel"
AROUND = f'{{"text": "Mevrouw zag een {WORD} bij het raam."}}'
WRITTEN = {
    "utf-8": AROUND.encode(), "utf-16-le": AROUND.encode("utf-16-le"), "utf-16-be": AROUND.encode("utf-16-be"),
    "latin-1": AROUND.encode("latin-1"),
    "url": quote(AROUND).encode(),
    "url small": quote(AROUND).lower().encode(), "url in utf-16": quote(AROUND).encode("utf-16-le"),
    "json": b'"een kanari\\u00ebvogel"',
    "json capital": b'"een kanari\\u00EBvogel"', "html": b"een kanari&#235;vogel",
    "decomposed": b"kanarie\xcc\x88vogel",
    "hex": AROUND.encode().hex().encode(), "hex capital": AROUND.encode("utf-16-le").hex().upper().encode(),
    "key of Firefox": b"\x31lbobsj\x80\x6cwphfm\x00",
    **{f"base64 +{n} of {one}": base64.b64encode(b"x" * n + AROUND.encode(one)) for n in range(3) for one in ("utf-8", "utf-16-le", "latin-1")},
    **{f"base64url +{n}": base64.urlsafe_b64encode(b"x" * n + AROUND.encode()) for n in range(3)},
    "base64 in utf-16": base64.b64encode(AROUND.encode()).decode().encode("utf-16-le"),
}  # fmt: skip
# What follows is packed so that its word nowhere stands in one piece: its end is taken from what stands before.
TWICE = f"kanariëvos of kanariëvink, geen ariëvogel: een {WORD}"
SNAPPED = bytes([19, (14 - 1) << 2]) + "vogel kanarië".encode() + bytes([(5 - 4) << 2 | 1, 14])
LZ4 = bytes([14 << 4 | (5 - 4)]) + "vogel kanarië".encode() + bytes([14, 0, 0])


def found(folder: Path, name: str, data: bytes, word: str | bytes = WORD) -> bool:
    (folder / name).write_bytes(data)
    return bool(search(folder, [word]))


@pytest.mark.parametrize("way", WRITTEN)
def test_a_word_is_found_in_every_way_of_writing(tmp_path, way):
    assert found(tmp_path, "some", b"\x01\x02" + WRITTEN[way] + b"\x03")


def test_the_bytes_of_a_key_are_found_as_they_are_and_spelled_out(tmp_path):
    key = bytes(range(100, 132))
    for n, data in enumerate((key, base64.b64encode(b"?" + key + b"?"), base64.urlsafe_b64encode(key), key.hex().encode("utf-16-le"))):
        assert found(tmp_path, f"key {n}", b"before" + data + b"after", key)
        (tmp_path / f"key {n}").unlink()


def test_what_is_not_there_is_not_found(tmp_path):
    assert not found(tmp_path, "some", AROUND.replace("ë", "e").encode() + bytes(range(256)) * 40)


def node(kind: str) -> bytes:
    make = f"process.stdout.write(require('zlib').{kind}(Buffer.from({TWICE!r})))"
    return subprocess.run([NODE, "-e", make], capture_output=True, check=True).stdout


def cached(body: bytes) -> bytes:
    address = b"1/0/http://localhost/x"
    return CACHED + (5).to_bytes(4, "little") + len(address).to_bytes(4, "little") + bytes(8) + address + body + CACHED_END + b"content-encoding:br\0"


def framed(data: bytes) -> bytes:
    return FRAMED + b"\x00" + (len(data) + 4).to_bytes(3, "little") + b"\0\0\0\0" + data


def table(*pairs: tuple[int, bytes, bytes], kind: int = leveldb.SNAPPY) -> bytes:
    """A file of LevelDB with one block: how much of the key before a key begins with, the rest of it, and its value."""
    rows = b"".join(bytes([shared, len(key), len(value)]) + key + value for shared, key, value in pairs) + bytes(4) + (1).to_bytes(4, "little")
    block = bytes([len(rows), (len(rows) - 1) << 2]) + rows if kind == leveldb.SNAPPY else rows
    index = bytes([0, 1, 2]) + b"z" + bytes([0, len(block)]) + bytes(4) + (1).to_bytes(4, "little")
    at = len(block) + 5
    footer = bytes([0, 0, at, len(index)]).ljust(40, b"\0") + leveldb.MAGIC
    return block + bytes([kind]) + bytes(4) + index + bytes(5) + footer


def log(record: bytes, cut: int) -> bytes:
    """A record in two pieces, the second in the block after the first."""
    def piece(kind: int, data: bytes) -> bytes:
        return bytes(4) + len(data).to_bytes(2, "little") + bytes([kind]) + data

    first = piece(leveldb.FULL, bytes(leveldb.BLOCK - 14 - cut)) + piece(leveldb.FIRST, record[:cut])
    return first + piece(leveldb.LAST, record[cut:])


PACKED = {
    "gzip": b"head" + gzip.compress(TWICE.encode()) + b"tail",
    "zlib": b"head" + zlib.compress(TWICE.encode()),
    "gzip in gzip": gzip.compress(b"x" + gzip.compress(TWICE.encode())),
    "zstd": b"head" + node("zstdCompressSync") + b"tail",
    "brotli in the cache": cached(node("brotliCompressSync")),
    "snappy": SNAPPED,
    "snappy of Blink": b"\x01\x00\xff\x11\x02" + SNAPPED,
    "snappy of Firefox": framed(SNAPPED),
    "lz4.jsonlz4": MOZ_LZ4 + (19).to_bytes(4, "little") + LZ4,
    "000005.ldb": table((0, b"een kanari", b""), (10, "ëvogel".encode(), b"")),
    "000006.ldb": table((0, b"een kanari", b""), (10, "ëvogel".encode(), b""), kind=0),
    "000007.log": log(AROUND.encode(), 33),
    "000008.log": log(bytes(12) + b"\x01\x01k" + bytes([len(SNAPPED) + 3]) + b"\xff\x11\x02" + SNAPPED, 20),
}


@pytest.mark.parametrize("way", PACKED)
def test_a_word_is_found_in_every_kind_of_packing(tmp_path, way):
    assert not [needle for needle in forms(WORD).values() if needle in PACKED[way]]
    assert found(tmp_path, way, PACKED[way])


def test_a_word_is_found_in_a_database_whose_journal_is_not_written_back_yet(tmp_path):
    with sqlite3.connect(tmp_path / "places.sqlite") as there:
        there.execute("PRAGMA journal_mode = WAL")
        there.execute("CREATE TABLE one (value)")
        there.execute("INSERT INTO one VALUES (?)", (gzip.compress(TWICE.encode()),))
        there.commit()
        assert {hit.file for hit in search(tmp_path, [WORD])} >= {"places.sqlite"}
    there.close()


def test_lz4_and_snappy_repeat_what_runs_into_itself():
    assert leveldb.unsnapped(bytes([8, 0]) + b"a" + bytes([(7 - 4) << 2 | 1, 1])) == b"a" * 8
    assert leveldb.unsnapped(SNAPPED) == f"vogel {WORD}".encode()
    assert leveldb.unsnapped(bytes([8, 0]) + b"a" + bytes([(7 - 4) << 2 | 1, 2])) is None
