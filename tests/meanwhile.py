"""What somebody else does in the middle of a request, where two requests at once would need two connections."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def meanwhile(deed: Callable[[], object], *, after: str) -> Iterator[None]:
    """Do something once, when the first statement that has these words in it is answered; there must be one.

    Args:
        deed: What the other does.
        after: A part of the SQL by which the request reads what changes then, such as ``COUNT(``.
    """
    is_read = is_done = False

    def between(execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
        nonlocal is_read, is_done
        if is_read and not is_done:
            is_done = True
            deed()
        is_read = is_read or after in sql
        return execute(sql, params, many, context)

    with connection.execute_wrapper(between):
        yield
    assert is_done, f"nothing was asked after {after!r}"
