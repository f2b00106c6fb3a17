"""What somebody else does in the middle of a request, where two requests at once would need two connections."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def meanwhile(deed: Callable[[], object], *, before: str) -> Iterator[None]:
    """Do something once, right before the first statement that has these words in it; there must be one.

    Args:
        deed: What the other does. It stands inside no savepoint of the request's, so nothing undoes it.
        before: A part of the SQL, such as ``COUNT(``, or ``SAVEPOINT``, with which a transaction begins.
    """
    is_done = False

    def between(execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
        nonlocal is_done
        if not is_done and before in sql:
            is_done = True
            deed()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(between):
        yield
    assert is_done, f"no statement had {before!r} in it"
