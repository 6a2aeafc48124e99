"""What comes in: bytes, checked before anybody parses them, because parsers answer hostile bytes with anything but a no."""

from __future__ import annotations

import json
import re
import zlib
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from litestar.exceptions import ClientException

if TYPE_CHECKING:
    from litestar import Request
    from litestar.datastructures import FormMultiDict

MIB = 1024 * 1024
DEPTH_MAX = 32
FIELDS_MAX = 20
# Our longest form has a text of 1,000 letters, or marks a page of records as read; taking a mebibyte of names apart would hold up everybody else.
FORM_BYTES_MAX = 64 * 1024
GZIP = 31
GZIP_FROM_BYTES = 700
# The closing quote is optional: a text that never ends is then read once, not once from each quote in it.
TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
NO_BRACKETS = bytes(sorted(set(range(256)) - set(b"[]{}")))
AS_SQUARE = bytes.maketrans(b"{}", b"[]")

T = TypeVar("T")


def refused(status: int, code: str, *fields: tuple[str, str]) -> ClientException:
    """The exception that is answered with this status, code and (field, why) pairs; errors.py finds the words."""
    return ClientException(detail=code, status_code=status, extra=[{"field": field, "why": why} for field, why in fields])


async def read(request: Request[Any, Any, Any], bytes_max: int = MIB) -> bytes:
    """A JSON body as bytes, unpacked when it came as gzip; `bytes_max` counts after unpacking. It is text, and not deeper than 32."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise refused(415, "content_type")
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip"}:
        raise refused(415, "content_encoding")
    body = await request.body()
    body = _unpacked(body, bytes_max) if encoding == "gzip" else body
    if len(body) > bytes_max:
        raise refused(413, "too_large")
    check(body)
    return body


async def form(request: Request[Any, Any, Any], *names: str) -> FormMultiDict:
    """A form that has these fields and no others: what a page never asked for is refused, and not passed over."""
    if len(await request.body()) > FORM_BYTES_MAX:
        raise refused(413, "too_large")
    found = await request.form()
    if other := sorted({str(name) for name in found} - set(names)):
        raise refused(400, "invalid", *((name, "unknown") for name in other[:FIELDS_MAX]))
    return found


def check(body: bytes) -> None:
    """Refuses what is no UTF-8 and what nests deeper than 32."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise refused(400, "bad_text") from error
    if too_deep(body):
        raise refused(400, "too_deep")


def decoded(body: bytes, shape: type[T], *, halves: bool = False) -> T:
    """The body in this shape, or a 400 that names the field. Half a surrogate pair, which JSON allows and no text is, makes all of it unreadable,
    unless `halves` says that the reader judges each part: then it is read the slow way, so that it spoils one change and not the request.
    """
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        raise refused(400, "invalid", _named(str(error))) from error
    except msgspec.MsgspecError as error:
        if not halves:
            raise refused(400, "bad_json") from error
    try:
        return msgspec.convert(json.loads(body), shape)
    except msgspec.ValidationError as error:
        raise refused(400, "invalid", _named(str(error))) from error
    except (ValueError, RecursionError) as error:
        raise refused(400, "bad_json") from error


def too_deep(body: bytes) -> bool:
    """Whether brackets outside of texts nest deeper than 32: innermost pairs are taken away, level by level."""
    if body.count(b"[") + body.count(b"{") <= DEPTH_MAX:
        return False
    left = TEXT.sub(b"", body).translate(AS_SQUARE, NO_BRACKETS)
    for _ in range(DEPTH_MAX):
        # What stands side by side on the innermost level goes at once.
        before, left = len(left), left.replace(b"[]", b"")
        if not left or len(left) == before:
            break
    return bool(left)


def takes_gzip(request: Request[Any, Any, Any]) -> bool:
    """Whether the client reads gzip (`gzip;q=0` says no)."""
    offers = (offer.partition(";") for offer in request.headers.get("accept-encoding", "").lower().split(","))
    return any(name.strip() == "gzip" and not re.fullmatch(r"\s*q=0(\.0*)?\s*", rest) for name, _, rest in offers)


def _unpacked(body: bytes, bytes_max: int) -> bytes:
    packer = zlib.decompressobj(GZIP)
    try:
        whole = packer.decompress(body, bytes_max + 1)
    except zlib.error as error:
        raise refused(400, "bad_gzip") from error
    if len(whole) > bytes_max:
        raise refused(413, "too_large")
    if not packer.eof or packer.unused_data:
        raise refused(400, "bad_gzip")
    return whole


def _named(error: str) -> tuple[str, str]:
    """Field and why out of msgspec's sentence: 'Expected `int`, got `str` - at `$.cursor`'."""
    unknown = re.search(r"unknown field `(.{1,80}?)`", error)
    missing = re.search(r"required field `(.{1,80}?)`", error)
    path = re.search(r"at `(?:key in )?\$\.?(.{0,80}?)`", error)
    place = path[1] if path else ""
    if unknown or missing:
        name = (unknown or missing)[1]  # type: ignore[index]  # one of the two matched
        return f"{place}.{name}" if place else name, "unknown" if unknown else "required"
    return place or "body", "type"
