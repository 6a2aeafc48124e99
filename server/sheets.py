"""Sheets: tables that leave the office for somebody's spreadsheet, to which whatever stands in them is text or a number and never a sum."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from litestar import Response

from server import sessions

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Rows = Iterable[Sequence[str | int]]
# Of fewer than this only that it is fewer, where it leaves the team.
FEW = 10
# A cell that begins so is a sum to a spreadsheet.
SUMS = ("=", "+", "-", "@", "\t", "\r")


def as_csv(name: str, rows: Rows) -> Response[bytes]:
    """A file of this name, as a spreadsheet in the Netherlands opens it."""
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([_cell(one) for one in row] for row in rows)
    # Without this mark a spreadsheet takes it for another alphabet.
    body = ("\ufeff" + out.getvalue()).encode()
    return _file(f"{name}.csv", body, "text/csv; charset=utf-8")


def as_xlsx(name: str, rows: Rows) -> Response[bytes]:
    """The same for a spreadsheet itself: a cell is a text or a number there, whatever it begins with."""
    import xlsxwriter  # noqa: PLC0415 - a seventh of what an office needs to start, for what a lead asks for once a quarter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": datetime.fromtimestamp(sessions.now() / 1000, UTC)})
        sheet = book.add_worksheet()
        for y, row in enumerate(rows):
            for x, value in enumerate(row):
                (sheet.write_string if isinstance(value, str) else sheet.write_number)(y, x, value)
        sheet.freeze_panes(1, 0)
        sheet.autofit()
    return _file(f"{name}.xlsx", out.getvalue(), XLSX)


def _cell(value: str | int) -> str | int:
    """A cell that is text to a spreadsheet too."""
    return f"'{value}" if isinstance(value, str) and value.startswith(SUMS) else value


def _file(name: str, body: bytes, type_: str) -> Response[bytes]:
    return Response(body, media_type=type_, headers={"Content-Disposition": f'attachment; filename="{name}"'})
