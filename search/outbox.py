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
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.utils import timezone
from modelsearch import signal_handlers
from modelsearch.backends.base import get_model_root
from modelsearch.conf import get_app_config
from modelsearch.index import class_is_indexed, get_indexed_instance, get_indexed_models

from search.documents import Document, documents_of, ref
from search.snapshot import TRIES, Snapshot, forget_store, snapshot
from search.store import LOCK_SECONDS, MANY_SMALL, SMALL, Filling, IndexUnavailable, Locked, Store, merge_small
from search.vintage import is_overtaken

logger = logging.getLogger(__name__)

MANY = 300
"""Objects above which rows are left in one statement of another kind; SQLite takes about as many in a usual one."""
BATCH = 500
"""Rows that are brought into the index in one commit."""
LITTLE = 100
"""Objects that may be indexed while somebody waits, about two seconds; more are left to a thread of their own."""
FEW = 5
"""Objects that are asked one by one what class they really are."""
SOON = 2.0
"""Seconds that a request waits for another writer before it leaves its changes to a thread."""
BREATH = 0.01
"""Seconds between two batches, in which another writer notices that the lock is free."""
LONG = 60.0
"""Seconds after which a change should be in the index, however many came with it."""
PAUSE = 60.0
"""Seconds before a process tries again by itself to build an index that could not be built."""

_suspended: ContextVar[int] = ContextVar("suspended", default=0)
_repair = {"last": -PAUSE}
_at_work = threading.Lock()

NOT_ITS_FAULT = (OperationalError, InterfaceError, MemoryError)
"""Errors that say nothing against the object in hand: its change waits until they are over."""

Reference = tuple[type[Model], Any]


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
    if isinstance(instance, Model) and class_is_indexed_model(type(instance)):
        put(type(instance), [instance.pk])
    if class_is_indexed_model(model) and pk_set:
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


def class_is_indexed_model(model: type[Any]) -> bool:
    """Say whether objects of the class stand in the index."""
    from modelsearch.index import Indexed

    return issubclass(model, Indexed) and bool(class_is_indexed(model))


def put(model: type[Model], ids: Iterable[Any]) -> None:
    """Have objects looked at again, once the running transaction is committed.

    Call this where a change reaches the index without a save: an update of a queryset, access keys, related names.
    """
    from search.models import Change

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
    from search.models import Change

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
    from search.backend import configured, default_store
    from search.models import Change

    if _suspended.get():
        return
    at_home = configured() is not None
    if not get_app_config().get_search_backend_config()["default"].get("REPAIR", True):
        _drain_logged()
        return
    try:
        many = Change.objects.all()[: LITTLE + 1].count() > LITTLE
        many = many or (at_home and default_store().is_missing())
        if not many:
            drain_now(merge=False, seconds=SOON)
        if many or (at_home and _small_pieces(default_store()) > MANY_SMALL):
            _drain_elsewhere()
    except Locked:
        _drain_elsewhere()
    except IndexUnavailable as error:
        report(error)
    except Exception:
        logger.exception("The outbox of the search could not be brought into the index")


def _drain_elsewhere() -> None:
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


def _drain_logged(merge: bool = True) -> bool:
    try:
        drain_now(merge=merge)
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
    from search.models import Change

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
    from search import elsewhere
    from search.backend import default_store
    from search.models import Change

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
            references = _references(rows)
            store.note((row.model, row.object_id) for row in rows)
            if rows:
                write(store, references, _objects(references))
                forget([row.pk for row in rows])
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


def _references(rows: Iterable[Any]) -> list[Reference]:
    """Give class and key of each row once; a class that is gone from the code has nothing to index."""
    found: dict[Reference, None] = {}
    for row in rows:
        with contextlib.suppress(LookupError, ValueError, ValidationError):
            model = apps.get_model(row.model)
            key = get_model_root(model)._meta.pk
            pk = key.to_python(row.object_id)
            key.run_validators(pk)  # a number that no database takes would hold up all others
            found[model, pk] = None
    return list(found)


def _objects(references: Iterable[Reference]) -> Iterator[Model]:
    """Give the objects that should be in the index, each as what it really is, read from the database now."""
    by_model: dict[type[Model], list[Any]] = defaultdict(list)
    for model, pk in references:
        by_model[model].append(pk)
    done: set[str] = set()
    for model, pks in by_model.items():
        if class_is_indexed_model(model):
            for obj in _objects_of(model, pks):
                if (name := ref(type(obj), obj.pk)) not in done:
                    done.add(name)
                    yield obj


def _objects_of(model: type[Any], pks: Iterable[Any]) -> Iterator[Model]:
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


def write(store: Store, references: Iterable[Reference], objects: Iterable[Model]) -> None:
    """Replace what the index holds of some objects, in one commit. Hold the store's lock."""
    folder = store.current()
    if folder is None:
        raise IndexUnavailable("there is no index yet")
    now = snapshot(store)
    deleted = _numbers(now, references)
    documents = [each for obj in objects for each in documents_or_none(obj)]
    try:
        store.write(folder, deleted, documents)
    except Exception:
        forget_store(store)
        snapshot(store)  # a damaged index says so here; else it is the disk, or the code
        raise


def _numbers(now: Snapshot, references: Iterable[Reference]) -> dict[str, list[int]]:
    deleted: dict[str, list[int]] = defaultdict(list)
    for name in {ref(model, pk) for model, pk in references}:
        for segment, numbers in now.numbers_of(name).items():
            deleted[segment].extend(numbers)
    return deleted


def replay(store: Store, filling: Filling) -> None:
    """Bring into a new folder what others changed while it was filled. Hold the store's lock."""
    from search.models import Change

    changed = filling.replay()
    references = _references(Change(model=label, object_id=pk) for label, pk in changed)
    for start in range(0, len(references), BATCH):
        part = references[start : start + BATCH]
        now = Snapshot.open(filling.folder)
        documents = [each for obj in _objects(part) for each in documents_or_none(obj)]
        store.write(filling.folder, _numbers(now, part), documents)


def waiting() -> list[int]:
    """Give the ids of the rows that wait."""
    from search.models import Change

    return list(Change.objects.values_list("pk", flat=True))


def waiting_objects() -> dict[type[Model], list[Any]]:
    """Give the keys of the objects whose last change is not in the index yet, by class; one query."""
    from search.models import Change

    names: dict[str, list[str]] = defaultdict(list)
    # Every search asks this first, and a queryset takes longer to be made than to be answered.
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT model, object_id FROM {connection.ops.quote_name(Change._meta.db_table)}")
        for label, name in cursor.fetchall():
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
            yield field.to_python(name)


def forget(rows: list[int]) -> None:
    """Delete rows that the index has."""
    from search.models import Change

    for start in range(0, len(rows), BATCH):
        part = Change.objects.filter(pk__in=rows[start : start + BATCH])
        part._raw_delete(part.db)  # nobody listens to these, so there is nothing to load first


# Building anew


def rebuild(store: Store | None = None, progress: Any = None) -> int:
    """Build the index anew from the database and swap it in; give the number of objects.

    Args:
        store: Where; the default backend's if None.
        progress: Called with the number of objects done since the last call.
    """
    from search import elsewhere
    from search.backend import SearchBackend, default_store

    if store is None and elsewhere.is_elsewhere():
        return elsewhere.rebuild(progress)
    backend = SearchBackend({"PATH": (store or default_store()).path})
    rebuilder = backend.rebuilder_class(backend.get_index_for_model(Model))
    index = rebuilder.start()
    count = 0
    try:
        for model in get_indexed_models():
            for part in _parts(model):
                index.add_items(model, part)
                count += len(part)
                if progress:
                    progress(len(part))
    except BaseException:
        rebuilder.abandon()
        raise
    rebuilder.finish()
    return count


def _parts(model: type[Any]) -> Iterator[list[Model]]:
    """Give a model's objects in parts, by key and not by offset, so that none is missed while others are deleted."""
    last = None
    while True:
        queryset = model.get_indexed_objects().order_by("pk")
        pks = list((queryset if last is None else queryset.filter(pk__gt=last)).values_list("pk", flat=True)[:BATCH])
        if not pks:
            return
        yield _read(queryset, pks)
        last = pks[-1]


def verify(store: Store) -> tuple[list[str], list[str]]:
    """Give the objects that the index lacks and those it should not have, as ``app.model:pk``."""
    now = Snapshot.open(store.current() or store.path)
    held = {name for name in now.terms("ref", "") if now.live[now.postings("ref", name).documents].any()}
    should = {
        ref(model, pk)
        for model in get_indexed_models()
        for pk in model.get_indexed_objects().values_list("pk", flat=True)
    }
    return sorted(should - held), sorted(held - should)


def report(error: Exception) -> None:
    """Log that the index could not be used, and have it built anew."""
    from search.backend import configured, default_store

    logger.error("The search index cannot be used: %s", error)
    if configured() is None:
        return
    forget_store(default_store())
    if getattr(error, "mends", True):
        _rebuild_elsewhere()


def renew() -> None:
    """Have an index of older code built anew; it goes on answering meanwhile."""
    if not is_overtaken() and _rebuild_elsewhere():
        logger.warning("The search index was written by other code and is built anew")


def _rebuild_elsewhere() -> bool:
    """Build the index anew in a thread, where the settings allow it and none was started in the last minute."""
    from search.backend import configured

    config = configured() or {"REPAIR": False}
    now = time.monotonic()
    if config.get("REPAIR", True) and now - _repair["last"] >= PAUSE:
        _repair["last"] = now
        return _started(threading.Thread(target=_rebuild_alone, name="rebuild-search", daemon=True))
    return False


def _rebuild_alone() -> None:
    """Rebuild in a thread, unless another process or thread is doing so."""
    from search.backend import default_store

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


# How it is


@dataclass(frozen=True)
class Health:
    """What the health page and the secretariat need to know."""

    state: str
    """``ok``; ``behind``: sound, but changes wait and nobody is bringing them in, or have waited for over ``LONG``;
    ``missing``; ``damaged``; or ``elsewhere`` when the settings name another backend."""
    building: bool
    documents: int
    waiting: int
    oldest_seconds: float
    """Age of the oldest change that is not in the index yet; 0 when none waits."""


def health() -> Health:
    """Give the state of index and outbox. Reads only; never raises for a bad index."""
    from search.backend import configured, default_store
    from search.models import Change

    oldest = Change.objects.order_by("pk").values_list("created_at", flat=True).first()
    age = max((timezone.now() - oldest).total_seconds(), 0.0) if oldest else 0.0  # clocks are set back at times
    if configured() is None:
        return Health("elsewhere", False, 0, Change.objects.count(), age)
    store = default_store()
    documents, state = 0, "ok"
    try:
        if store.current() is None:
            state = "missing"
        else:
            documents = _verified(store)
    except (IndexUnavailable, OSError):
        state = "damaged"
        forget_store(store)
    if state == "ok" and oldest and (age > LONG or not store.is_being_written()):
        state = "behind"
    try:
        building = bool(store.being_filled())
    except OSError:
        building = False
    return Health(state, building, documents, Change.objects.count(), age)


def _verified(store: Store) -> int:
    """Give the number of documents in the index after every file was compared with its sum."""
    for _ in range(TRIES):
        now = snapshot(store)
        try:
            now.verify()
        except FileNotFoundError:
            # Gone, or another process has committed since: then there is a newer list of files.
            if snapshot(store) is now:
                raise
        else:
            break
    return int(now.live.sum())
