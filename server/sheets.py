"""Sheets: tables that leave the office for somebody's spreadsheet, to which whatever stands in them is text or a number and never a sum."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from litestar import Response

Rows = Iterable[Sequence[str | int]]
# A cell that begins so is a sum to a spreadsheet.
SUMS = ("=", "+", "-", "@", "\t", "\r")


def as_csv(name: str, rows: Rows) -> Response[bytes]:
    """A file of this name, as a spreadsheet in the Netherlands opens it."""
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([_cell(one) for one in row] for row in rows)
    # Without this mark a spreadsheet takes it for another alphabet.
    body = ("\ufeff" + out.getvalue()).encode()
    return _file(f"{name}.csv", body, "text/csv; charset=utf-8")


def _cell(value: str | int) -> str | int:
    """A cell that is text to a spreadsheet too."""
    return f"'{value}" if isinstance(value, str) and value.startswith(SUMS) else value


def _file(name: str, body: bytes, type_: str) -> Response[bytes]:
    return Response(body, media_type=type_, headers={"Content-Disposition": f'attachment; filename="{name}"'})
