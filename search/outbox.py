"""The life of the index: from a change in the database to the index, without a worker and without loss.

A change leaves a row in its own transaction; after the commit whoever comes first takes the lock, writes what waits and
deletes the rows, until none is left. A crash in between repeats work and loses none. When the index cannot be read it
is built anew: at once where there is little in it, else in a thread of its own, while the database answers.
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading
import time
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.utils import timezone
from modelsearch import signal_handlers
from modelsearch.index import class_is_indexed, get_indexed_models

from search import elsewhere
from search.configuration import configured, default_store, may_start_threads
from search.indexing import BATCH, by_class, objects_of, write
from search.models import Change
from search.rebuilding import rebuild
from search.snapshot import forget_store, older_opened, snapshot
from search.store import LOCK_SECONDS, MANY_SMALL, SMALL, IndexUnavailable, Locked, Store, merge_small
from search.vintage import is_overtaken

logger = logging.getLogger(__name__)

MANY = 300
"""Objects above which rows are left in one statement of another kind; SQLite takes about as many in a usual one."""
LITTLE = 100
"""Objects that may be indexed while somebody waits, about two seconds; more are left to a thread of their own."""
SOON = 2.0
"""Seconds that a request waits for another writer before it leaves its changes to a thread."""
BREATH = 0.01
"""Seconds between two batches, in which another writer notices that the lock is free."""
PAUSE = 60.0
"""Seconds before a process tries again by itself to build an index that could not be built."""

_suspended: ContextVar[int] = ContextVar("suspended", default=0)
_repair = {"last": -PAUSE}
_at_work = threading.Lock()

# What is noticed


def connect() -> None:
    """Listen to the changes of every indexed model, in the place of modelsearch's own handlers."""
    for model in get_indexed_models():
        post_save.disconnect(signal_handlers.post_save_signal_handler, sender=model)
        post_delete.disconnect(signal_handlers.post_delete_signal_handler, sender=model)
        if not getattr(model, "search_auto_update", True):
            continue
        post_save.connect(_changed, sender=model, dispatch_uid=f"search {model._meta.label}")
        post_delete.connect(_changed, sender=model, dispatch_uid=f"search {model._meta.label}")
    for model in get_indexed_models():
        # modelsearch may connect its handlers after us; this is how a model keeps them away.
        model.search_auto_update = False
    m2m_changed.connect(_relation_changed, dispatch_uid="search")
    older_opened.connect(_renew, dispatch_uid="search")


def _changed(sender: type[Model], instance: Model, **kwargs: Any) -> None:
    put(sender, [instance.pk])


def _relation_changed(
    sender: type[Model],
    instance: Any,
    action: str,
    model: type[Model],
    pk_set: set[Any] | None,
    **kwargs: Any,
) -> None:
    if action == "pre_clear":
        pk_set = _about_to_be_cleared(sender, instance, model)
    elif not action.startswith("post_"):
        return
    if isinstance(instance, Model) and class_is_indexed(type(instance)):
        put(type(instance), [instance.pk])
    if class_is_indexed(model) and pk_set:
        put(model, pk_set)


def _about_to_be_cleared(through: type[Any], instance: Any, model: type[Model]) -> set[Any]:
    """Give the other ends of an object's relations, which the signal of their removal does not name."""
    ends = {
        of: [field for field in through._meta.fields if field.related_model is of._meta.concrete_model]
        for of in (type(instance), model)
    }
    return {
        pk
        for mine in ends[type(instance)]
        for others in ends[model]
        if mine is not others
        for pk in through._base_manager.filter(**{mine.name: instance}).values_list(others.attname, flat=True)
    }


def put(model: type[Model], ids: Iterable[Any]) -> None:
    """Have objects looked at again, once the running transaction is committed.

    Call this where a change reaches the index without a save: an update of a queryset, access keys, related names.
    """
    label = (model._meta.concrete_model or model)._meta.label
    names = [str(pk) for pk in ids]
    if len(names) > MANY:
        _put_many(label, names)
    elif names:
        Change.objects.bulk_create([Change(model=label, object_id=name) for name in names])
    if names:
        transaction.on_commit(drain)


def _put_many(label: str, names: list[str]) -> None:
    """Leave any number of rows in one statement: the ids travel as one parameter."""
    values = {
        "postgresql": "SELECT %s, value, %s FROM json_array_elements_text(%s::json)",
        "sqlite": "SELECT %s, value, %s FROM json_each(%s)",
    }.get(connection.vendor)
    if values is None:
        Change.objects.bulk_create([Change(model=label, object_id=name) for name in names], batch_size=1000)
        return
    with connection.cursor() as cursor:
        moment = connection.ops.adapt_datetimefield_value(timezone.now())
        cursor.execute(
            f"INSERT INTO {connection.ops.quote_name(Change._meta.db_table)} (model, object_id, created_at) {values}",
            [label, moment, json.dumps(names)],
        )


@contextlib.contextmanager
def suspended() -> Iterator[None]:
    """Leave changes in the outbox while a bulk import runs, and bring them in at its end, however many they are."""
    token = _suspended.set(_suspended.get() + 1)
    try:
        yield
    finally:
        _suspended.reset(token)
        if not _suspended.get():
            transaction.on_commit(_drain_logged)


# From the outbox to the index


def drain() -> None:
    """Bring in what waits. Whatever goes wrong is logged and stays in the outbox; nothing is raised."""
    if _suspended.get():
        return
    at_home = configured() is not None
    if not may_start_threads():
        _drain_logged()
        return
    try:
        many = Change.objects.all()[: LITTLE + 1].count() > LITTLE
        many = many or (at_home and default_store().is_missing())
        if not many:
            drain_now(merge=False, seconds=SOON)
        if many or (at_home and _small_pieces(default_store()) > MANY_SMALL):
            _drain_in_a_thread()
    except Locked:
        _drain_in_a_thread()
    except IndexUnavailable as error:
        report(error)
    except Exception:
        logger.exception("The outbox of the search could not be brought into the index")


def _drain_in_a_thread() -> None:
    """Bring in what waits and merge small pieces in a thread, unless one of this process is doing so."""
    # Not a daemon: a command that ends does not leave its own changes behind.
    if _at_work.acquire(blocking=False) and not _started(threading.Thread(target=_drain_alone, name="drain-search")):
        _at_work.release()


def _started(thread: threading.Thread) -> bool:
    """Start a thread if the machine has one left."""
    try:
        thread.start()
    except RuntimeError as error:
        logger.error("What waits for the search index must wait longer: %s", error)
        return False
    return True


def _drain_logged() -> bool:
    """Bring in what waits and say whether that went well; what goes wrong is logged."""
    try:
        drain_now()
    except Locked as error:
        logger.warning("The outbox of the search waits: %s", error)
    except IndexUnavailable as error:
        report(error)
    except Exception:
        logger.exception("The outbox of the search could not be brought into the index")
    else:
        return True
    return False


def _drain_alone() -> None:
    """Be the one thread of this process that brings in what waits, with a connection of its own."""
    try:
        while True:
            done = _drain_logged()
            _at_work.release()
            # Whoever came in the meantime found us at work and left: look again after giving up the place.
            if not done or not Change.objects.exists() or not _at_work.acquire(blocking=False):
                return
    finally:
        connection.close()


def drain_now(*, merge: bool = True, seconds: float = LOCK_SECONDS) -> None:
    """Bring in what waits, into a new index if there is none, and merge small pieces; raise what goes wrong.

    Others may write between two batches. ``seconds`` is how long to wait for them each time.
    """
    if elsewhere.is_elsewhere():
        elsewhere.bring_in()
        return
    store = default_store()
    waits = Change.objects.exists()
    if waits and store.current() is None:
        rebuild(store)
    while waits:
        with store.lock(seconds):
            rows = list(Change.objects.order_by("pk")[:BATCH])
            changed = [(row.model, row.object_id) for row in rows]
            store.note(changed)
            if rows:
                keys = by_class(changed)
                write(store, keys, objects_of(keys))
                Change.objects.forget([row.pk for row in rows])
                logger.info("%s changes are in the index", len(rows))
        if waits := Change.objects.exists():
            time.sleep(BREATH)
    if merge and _small_pieces(store) > MANY_SMALL:
        with store.lock():
            if folder := store.current():
                store.write(folder, {}, [], merge=merge_small)


def _small_pieces(store: Store) -> int:
    try:
        return sum(piece.count <= SMALL for piece in snapshot(store).segments)
    except IndexUnavailable:
        return 0


def waiting_objects() -> dict[type[Model], list[Any]]:
    """Give the keys of the objects whose last change is not in the index yet, by class; one query."""
    # Every search asks this first, and a queryset takes longer to be made than to be answered.
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT model, object_id FROM {connection.ops.quote_name(Change._meta.db_table)}")
        return by_class(cursor.fetchall())


# Building anew


def report(error: IndexUnavailable) -> None:
    """Log that the index could not be used, and have it built anew."""
    logger.error("The search index cannot be used: %s", error)
    if configured() is None:
        return
    forget_store(default_store())
    if error.mends:
        _rebuild_in_a_thread()


def _renew(**kwargs: Any) -> None:
    """Have an index of older code built anew; it goes on answering meanwhile."""
    if not is_overtaken() and _rebuild_in_a_thread():
        logger.warning("The search index was written by other code and is built anew")


def _rebuild_in_a_thread() -> bool:
    """Build the index anew in a thread, where the settings allow it and none was started in the last minute."""
    now = time.monotonic()
    if configured() is not None and may_start_threads() and now - _repair["last"] >= PAUSE:
        _repair["last"] = now
        return _started(threading.Thread(target=_rebuild_alone, name="rebuild-search", daemon=True))
    return False


def _rebuild_alone() -> None:
    """Rebuild in a thread, unless another process or thread is doing so."""
    try:
        store = default_store()
        held = store.repairing()
        if held is None:
            return
        with held:
            count = rebuild(store)
        drain_now()
        logger.warning("The search index was built anew with %s objects", count)
    except Exception:
        logger.exception("The search index could not be built anew")
    finally:
        connection.close()
