"""Plain SQL inside a step: Piccolo's generated DDL knows no composite or partial index and fails on SQLite where PostgreSQL does not."""

import re

from server.db import bridge


async def run(text: str) -> None:
    """Each statement, in order; one ends at a semicolon that ends its line (inside a trigger, put a space before it)."""
    for statement in re.split(r"(?<! );\n", text):
        if statement.strip():
            await bridge.run_ddl(statement)
