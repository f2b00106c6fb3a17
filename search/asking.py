"""A question to the index, asked inside what one viewer may know of. The site search has no other way to ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import Model

from search import outbox
from search.configuration import default_store
from search.sets import DocumentSet, settled, viewer_set
from search.snapshot import Answered, ask
from search.store import IndexUnavailable


def ask_for(
    keys: frozenset[str] | None,
    question: Callable[[DocumentSet], Answered],
    changed: Mapping[type[Model], Sequence[Any]] | None = None,
) -> Answered:
    """Give the answer to a question over the entries a viewer may know of.

    Args:
        keys: Access keys the viewer holds; None for one who sees all.
        question: What is asked of the set.
        changed: What ``outbox.waiting_objects`` gave, from callers with several questions; asked for if missing.

    Raises:
        IndexUnavailable: The index cannot be read. It is reported already.
    """
    # Asked before the index is opened: a row that is gone by then is in the index.
    waiting = {} if keys is None else outbox.waiting_objects() if changed is None else changed
    try:
        return ask(default_store(), lambda now: question(settled(viewer_set(now, keys), waiting)))
    except IndexUnavailable as error:
        outbox.report(error)
        raise
