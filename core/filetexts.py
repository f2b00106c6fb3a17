"""The words of documents: when they are read, by whom, and which pages they are found through.

A document's row ``FileText`` says in the database whether its text waits; it is written in the transaction that stores
the file. After the commit a thread of the web server, for small files, or the task queue reads what waits, whoever
comes first; a process that dies in between leaves the row, and the next one takes it up. What a file says never stops
a save.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult
from wagtail.models import Page, ReferenceIndex

from core.models.files import FilePart, FileText, HubDocument, Reading
from core.reading import WORD
from search import outbox
from search.extracting import ENDINGS, Extracted, extract, language_of
from search.extraction import PATIENCE

logger = logging.getLogger(__name__)

MOST_TRIES = 3
"""How often reading is begun; a file that ends the process that reads it must not do so for ever."""
GIVEN_UP = timedelta(seconds=3 * PATIENCE)
"""Time after which whoever began to read is taken for dead."""

_at_work = threading.Lock()
_by_hand: ContextVar[bool] = ContextVar("by_hand", default=False)


# Which pages offer a document ----------------------------------------------------------------------


def documents_of(page: Any) -> list[HubDocument]:
    """The documents a page offers as it is published: beside it, in a field, or by a link in its text.

    Args:
        page: The page as what it is (``specific``).
    """
    kinds = ContentType.objects.get_for_models(Page, HubDocument)
    wanted = kinds[HubDocument].pk
    held = {"base_content_type": kinds[Page], "object_id": str(page.pk), "to_content_type": kinds[HubDocument]}
    if not ReferenceIndex.objects.filter(**held).exists():
        return []  # most pages, at the cost of one query
    ids = {
        int(pk)
        for kind, pk, _model_path, _content_path in ReferenceIndex._extract_references_from_object(page)
        if kind == wanted and str(pk).isdecimal()
    }
    return list(HubDocument.objects.filter(pk__in=ids).select_related("text").order_by("pk"))


def texts_of(page: Any) -> Iterator[FileText]:
    """The texts that have been read of the documents a page offers."""
    for document in documents_of(page):
        text = getattr(document, "text", None)
        is_of_this_file = text is not None and text.file_name == document.file.name
        if text is not None and is_of_this_file and text.state in (Reading.READ, Reading.PARTLY):
            yield text


def pages_with(documents: Iterable[int]) -> set[int]:
    """The ids of the pages that offer any of these documents, and perhaps of some that do so in a draft."""
    found = ReferenceIndex.objects.filter(
        base_content_type=ContentType.objects.get_for_model(Page),
        to_content_type=ContentType.objects.get_for_model(HubDocument),
        to_object_id__in=[str(pk) for pk in documents],
    )
    return {int(pk) for pk in found.values_list("object_id", flat=True)}


def look_again(documents: Iterable[int]) -> None:
    """Have the pages that offer these documents looked at again by the search."""
    if ids := pages_with(documents):
        outbox.put(_hub_page(), sorted(ids))


# What waits ----------------------------------------------------------------------------------------


def wait(document: HubDocument, *, queued: bool = True) -> None:
    """Have the text of a document read, anew if it was read before; what was found of it until now is found no more.

    Args:
        document: A document that is stored.
        queued: Off where the caller reads what waits itself.
    """
    with transaction.atomic():
        fresh = {
            "state": Reading.WAITING,
            "file_name": document.file.name,
            "pages": None,
            "words": 0,
            "language": "",
            "tries": 0,
            "started_at": None,
            "extracted_at": None,
        }
        FileText.objects.update_or_create(document=document, defaults=fresh)
        FilePart.objects.filter(of=document.pk)._raw_delete(connection.alias)  # nobody listens to these
        look_again([document.pk])
        if not queued:
            return
        if _by_hand.get():
            _come_back()
            return
        # In the same transaction: a row of the queue that is there exactly when the file is.
        read_waiting_texts.enqueue()
        if 0 < (document.file_size or 0) <= settings.READ_FILES_AT_ONCE:
            transaction.on_commit(_read_elsewhere)


def waiting() -> models.QuerySet[HubDocument]:
    """The documents whose text is still to be read, whichever way they came."""
    long_ago = timezone.now() - GIVEN_UP
    return HubDocument.objects.filter(
        Q(text=None)
        | Q(text__state=Reading.WAITING)
        | Q(text__state=Reading.STARTED, text__started_at__lt=long_ago)
        | ~Q(text__file_name=F("file"))
    ).order_by("pk")


# Reading -------------------------------------------------------------------------------------------


@task(backend="slow")
def read_waiting_texts() -> None:
    """Read what waits, until nothing does, and come back while somebody else is reading, who may die of it."""
    read_waiting()
    if FileText.objects.filter(state=Reading.STARTED).exists():
        _come_back()


def read_waiting(*, most: int | None = None, progress: Any = None) -> int:
    """Read the texts that wait, one after the other; give how many were read.

    Args:
        most: Bytes of the largest file to be read now; None for any.
        progress: Called after each one.
    """
    done = 0
    documents = waiting() if most is None else waiting().filter(file_size__lte=most)
    last = 0
    while (document := documents.filter(pk__gt=last).first()) is not None:
        last = document.pk
        if read(document):
            done += 1
        if progress:
            progress()
    return done


def read(document: HubDocument) -> bool:
    """Read one document that waits; say whether it was this call that did so.

    Whatever is wrong with the file is kept as its state; nothing is raised.
    """
    text = _claim(document)
    if text is None:
        return False
    try:
        found = _extracted(document)
    except Exception:
        logger.exception("The text of document %s could not be read", document.pk)
        # It waits again, until it has been tried often enough; the queue comes back to it (_claim).
        state = Reading.FAILED if text.tries >= MOST_TRIES else Reading.WAITING
        FileText.objects.filter(pk=document.pk, state=Reading.STARTED).update(state=state)
        return True
    _keep(document, found)
    return True


def _claim(document: HubDocument) -> FileText | None:
    """Take a document in hand, if nobody else has."""
    with transaction.atomic():
        rows = FileText.objects.select_for_update()
        text, _new = rows.get_or_create(document=document, defaults={"file_name": document.file.name})
        now = timezone.now()
        is_other = text.file_name != document.file.name
        in_hand = text.state == Reading.STARTED and text.started_at and text.started_at > now - GIVEN_UP
        if not is_other and (in_hand or text.state not in (Reading.WAITING, Reading.STARTED)):
            return None
        text.tries = 1 if is_other else text.tries + 1
        text.file_name, text.started_at = document.file.name, now
        text.state = Reading.STARTED if text.tries <= MOST_TRIES else Reading.FAILED
        text.save()
        if is_other:
            FilePart.objects.filter(of=text)._raw_delete(connection.alias)
            look_again([document.pk])
        if text.state != Reading.STARTED:
            return None
        _come_back()
        return text


def _come_back() -> None:
    """Have the queue look again in some minutes for what waits still, unless it will do so anyway."""
    now = timezone.now()
    planned = DBTaskResult.objects.filter(
        task_path=read_waiting_texts.module_path,
        status=TaskResultStatus.READY,
        run_after__range=(now, now + 2 * GIVEN_UP),
    )
    if not planned.exists():
        read_waiting_texts.using(run_after=now + GIVEN_UP).enqueue()


def _extracted(document: HubDocument) -> Extracted:
    """What the file of a document says."""
    ending = document.file_extension.lower()
    if ending not in ENDINGS:
        return Extracted(Reading.UNKNOWN)
    try:
        with document.file.storage.open(document.file.name, "rb") as file:
            return extract(file, ending)
    except FileNotFoundError:
        return Extracted(Reading.MISSING)


def _keep(document: HubDocument, found: Extracted) -> None:
    """Store what was read, unless the document has gone or has another file by now."""
    with transaction.atomic():
        held = {"pk": document.pk, "state": Reading.STARTED, "file_name": document.file.name}
        text = FileText.objects.select_for_update().filter(**held).first()
        if text is None:
            return
        FilePart.objects.filter(of=text)._raw_delete(connection.alias)
        FilePart.objects.bulk_create(
            [FilePart(of=text, number=part.number, label=part.label, text=part.text) for part in found.parts],
            batch_size=200,
        )
        text.state, text.pages = found.state, found.pages
        text.words = sum(len(WORD.findall(part.text)) for part in found.parts)
        text.language = language_of((part.text for part in found.parts), [code for code, _name in settings.LANGUAGES])
        text.extracted_at = timezone.now()
        text.save()
        look_again([document.pk])


@contextlib.contextmanager
def read_at_the_end() -> Iterator[None]:
    """Let no thread of this process read while a bulk import runs, and read what waits when it is done."""
    with _at_work:
        token = _by_hand.set(True)
        try:
            yield
        finally:
            _by_hand.reset(token)
        read_waiting()


def _read_elsewhere() -> None:
    """Read small files in a thread of this process, so that a hub without a worker finds what it publishes."""
    if _at_work.acquire(blocking=False):
        # Not a daemon: a command that ends does not leave its own files behind.
        threading.Thread(target=_read_alone, name="read-files").start()


def _read_alone() -> None:
    """Be the one thread of this process that reads; large files are left to the worker."""
    most = settings.READ_FILES_AT_ONCE
    try:
        while True:
            try:
                read_waiting(most=most)
            finally:
                _at_work.release()
            # Whoever came in the meantime found us at work and left: look again after giving up the place.
            if not waiting().filter(file_size__lte=most).exists() or not _at_work.acquire(blocking=False):
                return
    except Exception:
        logger.exception("Texts of files could not be read")
    finally:
        connection.close()


# What is noticed -----------------------------------------------------------------------------------


def before_save(sender: Any, instance: HubDocument, raw: bool = False, **kwargs: Any) -> None:
    """Notice a new file while it can be told from an old one."""
    instance._brings_file = bool(instance.file) and not getattr(instance.file, "_committed", True)  # type: ignore[attr-defined]


def after_save(sender: Any, instance: HubDocument, raw: bool = False, **kwargs: Any) -> None:
    """A new file waits to be read; a new title or audience changes what its pages show of it."""
    if raw:
        return
    known = FileText.objects.filter(document=instance.pk, file_name=instance.file.name or "")
    if getattr(instance, "_brings_file", False) or not known.exists():
        instance._brings_file = False  # type: ignore[attr-defined]
        wait(instance)
    else:
        look_again([instance.pk])


def before_delete(sender: Any, instance: HubDocument, **kwargs: Any) -> None:
    """What a document said goes with it."""
    look_again([instance.pk])


def of_page_changed(sender: Any, instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """A page takes up a file or lets it go."""
    outbox.put(_hub_page(), [instance.page_id])


def _hub_page() -> Any:
    return HubDocument._meta.apps.get_model("core", "HubPage")


def connect() -> None:
    """Listen to what happens to documents. Called once, when the app is ready."""
    of_page = HubDocument._meta.apps.get_model("core", "FileOfPage")
    pre_save.connect(before_save, sender=HubDocument)
    post_save.connect(after_save, sender=HubDocument)
    pre_delete.connect(before_delete, sender=HubDocument)
    post_save.connect(of_page_changed, sender=of_page)
    post_delete.connect(of_page_changed, sender=of_page)
