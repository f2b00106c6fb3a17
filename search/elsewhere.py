"""Another engine in the place of ours: PostgreSQL's, or an OpenSearch or Elasticsearch cluster.

It is asked and filled through modelsearch's own backend for it. There each object is one row with all its text
(``search_fields``), so entries and places are not known, and teasers are asked for by themselves; who may read is asked
of the database in the same question or right after it, so an index that is behind can leave out an object but never
show one.

Changes reach it through the same outbox. modelsearch's own handlers would index an object in the middle of its save,
before the rows that belong to it are written, in a task that swallows what goes wrong.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet
from modelsearch.backends import get_search_backend
from modelsearch.index import class_is_indexed, get_indexed_models
from modelsearch.query import Phrase, PlainText, SearchQuery

from search.analysis import is_stop_word
from search.configuration import configured
from search.documents import ref
from search.engine import LONGEST_QUERY, tokens
from search.indexing import by_class, objects_of, parts_of
from search.models import Change
from search.typed import read

logger = logging.getLogger(__name__)

BATCH = 200
"""Objects that are brought in, or built, in one go."""
LONGEST_TEXT = 400_000
"""Bytes of one object's text: PostgreSQL holds no more than a megabyte of different words and their places."""


def is_elsewhere() -> bool:
    """Say whether the settings name another engine."""
    return configured() is None


def cut(text: str) -> str:
    """Give as much of a text as every engine can take."""
    return text.encode("utf-8", "replace")[:LONGEST_TEXT].decode("utf-8", "ignore").replace("\x00", " ")


# Asking


def words_of(query: str, languages: Sequence[str] = ()) -> tuple[str, ...]:
    """Give the words of a typed text that are looked for: without stop words, if others are there."""
    return tuple(_sought(read(query).words, languages))[:LONGEST_QUERY]


def found(
    query: str,
    queryset: QuerySet[Any],
    *,
    languages: Sequence[str] = (),
    fields: Sequence[str] | None = None,
) -> dict[Any, float]:
    """Give the keys of all objects of a queryset that match what was typed, with what each is worth.

    Args:
        query: What was typed: words of which any may match, ``"a phrase"``, ``-without`` and ``title:`` mean what they
            mean to our own engine; words behind ``author:`` and ``topic:`` must all occur, wherever.
        queryset: What may be found; the engine gets its filters with the question.
        languages: The reader's languages, whose stop words are left out.
        fields: Names of search fields to look in, also for what must not occur; None for all.

    Raises:
        Exception: Whatever the engine raises when it cannot be reached.
    """
    typed = read(query)
    if typed.query is None:
        return {}
    free = _free(" ".join(part.text for part in typed.parts if part.free), languages)
    must: list[SearchQuery] = []
    titles: list[SearchQuery] = []
    without: list[tuple[SearchQuery, Sequence[str] | None]] = []
    for part in typed.parts:
        asked = Phrase(part.text) if part.phrase and not part.field else PlainText(part.text, operator="and")
        if part.minus:
            without.append((asked, ["title"] if part.field == "title" else fields))
        elif part.field == "title":
            titles.append(asked)
        elif not part.free:
            must.append(asked)

    def ask(asked: SearchQuery, named: Sequence[str] | None = fields) -> dict[Any, float]:
        return _ask(asked, queryset, named)

    results = [ask(each) for each in must]
    if fields is None or "title" in fields:
        results += [ask(each, ["title"]) for each in titles]
    if results:
        lifting = ask(free) if free else {}
        common = set(results[0]).intersection(*results[1:])
        scores = {pk: sum(each[pk] for each in results) + lifting.get(pk, 0.0) for pk in common}
    elif free:
        scores = ask(free)
    else:
        scores = dict.fromkeys(queryset.values_list("pk", flat=True), 0.0) if without else {}
    for each, named in without:
        for pk in _ask(each, queryset, named):
            scores.pop(pk, None)
    return scores


def _free(text: str, languages: Sequence[str]) -> SearchQuery | None:
    """Give the words of which any may match, without stop words."""
    sought = dict.fromkeys(_sought(tokens(text), languages))
    return PlainText(" ".join(sought), operator="or") if sought else None


def _sought(typed: Sequence[str], languages: Sequence[str]) -> Sequence[str]:
    """Give the words that are stop words in none of the languages; all of them, where all are."""
    return [word for word in typed if not any(is_stop_word(word, language) for language in languages)] or typed


def _ask(query: SearchQuery, queryset: QuerySet[Any], fields: Sequence[str] | None) -> dict[Any, float]:
    results = get_search_backend().search(query, queryset.order_by(), fields=fields, operator="or")
    results = results.annotate_score("worth")
    if hasattr(results, "get_queryset"):  # PostgreSQL: the keys are enough
        return {pk: worth or 0.0 for pk, worth in results.get_queryset().values_list("pk", "worth")}
    return {each.pk: each.worth or 0.0 for each in results}


# Filling


def bring_in() -> None:
    """Bring in what waits in the outbox, oldest first. Raises when the engine cannot be reached."""
    while True:
        with transaction.atomic():
            # Where rows can be locked, two processes take turns, and neither overwrites what is newer.
            rows = list(Change.objects.select_for_update().order_by("pk")[:BATCH])
            if not rows:
                return
            keys = by_class((row.model, row.object_id) for row in rows)
            objects = list(objects_of(keys))
            _write(objects)
            there = {ref(type(obj), obj.pk) for obj in objects}
            backend = get_search_backend()
            for model in filter(class_is_indexed, keys):
                for pk in keys[model]:
                    if ref(model, pk) not in there:
                        backend.delete(model(pk=pk))
            Change.objects.forget([row.pk for row in rows])


class Refused(Exception):
    """The engine takes some objects not. Its library's own error holds all their text, which belongs into no log."""


@contextmanager
def _without_texts() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if type(error).__name__ != "BulkIndexError":
            raise
        raise Refused(f"the search engine refused {len(getattr(error, 'errors', ()))} objects") from None


def _write(objects: Iterable[Model]) -> None:
    """Put objects into the engine's index. One that cannot be put there is logged and left out."""
    backend = get_search_backend()
    by_class: dict[type[Model], list[Model]] = defaultdict(list)
    for obj in objects:
        by_class[type(obj)].append(obj)
    for model, objs in by_class.items():
        try:
            with transaction.atomic(), _without_texts():
                backend.add_bulk(model, objs)
        except Exception:
            if hasattr(backend, "es") and not backend.es.ping():
                raise
            for obj in objs:
                _write_one(backend, obj)


def _write_one(backend: Any, obj: Model) -> None:
    try:
        with transaction.atomic(), _without_texts():
            backend.add_bulk(type(obj), [obj])
    except Exception:
        logger.exception("%s %s could not be indexed", obj._meta.label, obj.pk)


def rebuild(progress: Callable[[int], object] | None = None) -> int:
    """Build the engine's index anew from the database; give the number of objects."""
    covered = Change.objects.ids()
    backend = get_search_backend()
    by_index: dict[str, tuple[Any, list[type[Model]]]] = {}
    for model in get_indexed_models():
        index = backend.get_index_for_model(model)
        by_index.setdefault(index.get_key(), (index, []))[1].append(model)
    count = 0
    for index, models in by_index.values():
        rebuilder = backend.rebuilder_class(index)
        filled = rebuilder.start()
        for model in models:
            filled.add_model(model)
            for part in parts_of(model):
                with _without_texts():
                    filled.add_items(model, part)
                count += len(part)
                if progress:
                    progress(len(part))
        rebuilder.finish()
    Change.objects.forget(covered)
    return count
