"""From the database to the index: the objects that stand in it, and the writing of their documents."""

from __future__ import annotations

import contextlib
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError
from django.db.models import Model
from modelsearch.backends.base import get_model_root
from modelsearch.index import class_is_indexed, get_indexed_instance, get_indexed_models

from search.documents import Document, documents_of, ref
from search.snapshot import Snapshot, forget_store, snapshot
from search.store import Filling, IndexUnavailable, Store

logger = logging.getLogger(__name__)

BATCH = 500
"""Objects that are brought into the index in one commit."""
FEW = 5
"""Objects that are asked one by one what class they really are."""
NOT_ITS_FAULT = (OperationalError, InterfaceError, MemoryError)
"""Errors that say nothing against the object in hand: its change waits until they are over."""
Keys = Mapping[type[Model], Iterable[Any]]
"""Primary keys of objects, by class."""


def by_class(changed: Iterable[tuple[str, str]]) -> dict[type[Model], list[Any]]:
    """Give the keys of objects by class, from pairs of label and key as text, each once.

    A class that is gone from the code has nothing to index, and what can be no key is none.
    """
    names: dict[str, list[str]] = defaultdict(list)
    for label, name in dict.fromkeys(changed):
        names[label].append(name)
    found: dict[type[Model], list[Any]] = {}
    for label in names:
        with contextlib.suppress(LookupError, ValueError):
            model = apps.get_model(label)
            found[model] = list(_keys(get_model_root(model)._meta.pk, names[label]))
    return found


def _keys(field: Any, names: Iterable[str]) -> Iterator[Any]:
    for name in names:
        with contextlib.suppress(ValueError, ValidationError):
            pk = field.to_python(name)
            field.run_validators(pk)  # a number that no database takes would hold up all others
            yield pk


def objects_of(keys: Keys) -> Iterator[Model]:
    """Give the objects that should be in the index, each as what it really is, read from the database now."""
    done: set[str] = set()
    for model, pks in keys.items():
        if class_is_indexed(model):
            for obj in _of_class(model, pks):
                if (name := ref(type(obj), obj.pk)) not in done:
                    done.add(name)
                    yield obj


def _of_class(model: type[Any], pks: Iterable[Any]) -> Iterator[Model]:
    """Give the objects of one class: what was saved as its base class, as pages sometimes are, as what it is."""
    missing = set(pks)
    for kind in [model, *(each for each in get_indexed_models() if each is not model and issubclass(each, model))]:
        if len(missing) <= FEW and kind is not model:
            break
        for obj in _read(kind.get_indexed_objects(), list(missing)):
            missing.discard(obj.pk)
            yield obj
    for obj in _read(model._base_manager.all(), list(missing)):
        if (indexed := get_indexed_instance(obj)) is not None:
            yield indexed


def _read(queryset: Any, pks: list[Any]) -> list[Any]:
    """Give the objects with these keys; one that cannot be made of its row is logged and left out."""
    try:
        return list(queryset.filter(pk__in=pks))
    except NOT_ITS_FAULT:
        raise
    except Exception:
        if len(pks) == 1:
            logger.exception("%s %s could not be read", queryset.model._meta.label, pks[0])
            return []
    return [obj for pk in pks for obj in _read(queryset, [pk])]


def documents_or_none(obj: Model) -> list[Document]:
    """Give an object's documents; if it cannot give them, that is logged and it stays out of the index."""
    try:
        return list(documents_of(obj))
    except NOT_ITS_FAULT:
        raise
    except Exception:
        logger.exception("%s %s could not be indexed", obj._meta.label, obj.pk)
        return []


def parts_of(model: type[Any]) -> Iterator[list[Model]]:
    """Give a model's objects in parts, by key and not by offset, so that none is missed while others are deleted."""
    last = None
    while True:
        queryset = model.get_indexed_objects().order_by("pk")
        pks = list((queryset if last is None else queryset.filter(pk__gt=last)).values_list("pk", flat=True)[:BATCH])
        if not pks:
            return
        yield _read(queryset, pks)
        last = pks[-1]


def write(store: Store, keys: Keys, objects: Iterable[Model]) -> None:
    """Replace what the index holds of some objects, in one commit. Hold the store's lock."""
    folder = store.current()
    if folder is None:
        raise IndexUnavailable("there is no index yet")
    now = snapshot(store)
    deleted = _numbers(now, keys)
    documents = [each for obj in objects for each in documents_or_none(obj)]
    try:
        store.write(folder, deleted, documents)
    except Exception:
        forget_store(store)
        snapshot(store)  # a damaged index says so here; else it is the disk, or the code
        raise


def _numbers(now: Snapshot, keys: Keys) -> dict[str, list[int]]:
    deleted: dict[str, list[int]] = defaultdict(list)
    for name in {ref(model, pk) for model, pks in keys.items() for pk in pks}:
        for segment, numbers in now.numbers_of(name).items():
            deleted[segment].extend(numbers)
    return deleted


def replay(store: Store, filling: Filling) -> None:
    """Bring into a new folder what others changed while it was filled. Hold the store's lock."""
    changed = filling.replay()
    for start in range(0, len(changed), BATCH):
        keys = by_class(changed[start : start + BATCH])
        now = Snapshot.open(filling.folder)
        documents = [each for obj in objects_of(keys) for each in documents_or_none(obj)]
        store.write(filling.folder, _numbers(now, keys), documents)
