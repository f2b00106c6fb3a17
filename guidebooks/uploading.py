"""From an uploaded file to a draft: read, looked at, made; each step whole or not at all.

A step is done by the task queue, or by a thread of the web server where the file is small or no worker comes.
Whoever claims an upload first does it; who dies on the way is noticed, and the step can be begun anew.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_tasks import task
from wagtail.permissions import page_permission_policy

from core.desk import desk_for
from core.imported import ImportProblem
from core.models import HubPage
from guidebooks.former import Choices
from guidebooks.importing import import_manuscript
from guidebooks.manuscript import Manuscript
from guidebooks.models import GuidebookPage
from guidebooks.opening import open_manuscript
from guidebooks.previews import preview_of, thumbnails
from guidebooks.reports import Report
from guidebooks.uploads import KEPT, Upload, UploadPicture
from members.models import User

logger = logging.getLogger(__name__)

PATIENCE = 6
"""Seconds after which the web server reads a large file itself that no worker has taken."""
WORKING = {Upload.State.WAITING: Upload.State.READING, Upload.State.ACCEPTED: Upload.State.WRITING}
BACK = {busy: waiting for waiting, busy in WORKING.items()}


# Who may --------------------------------------------------------------------------------------------


def places_for(user: Any) -> QuerySet[HubPage]:
    """Pages below which a guidebook may stand and the person may write: of the own groups; all for the secretariat."""
    models = ContentType.objects.get_for_models(*GuidebookPage.allowed_parent_page_models()).values()
    allowed = page_permission_policy.instances_user_has_permission_for(user, "add")
    places = HubPage.objects.filter(pk__in=allowed.values("pk"), content_type__in=models, alias_of=None)
    desk = desk_for(user)
    return (places if desk is None else places.filter(desk.own_pages)).order_by("path")


def books_for(user: Any) -> QuerySet[GuidebookPage]:
    """Imported guidebooks of which the person may bring a new version: all of whose chapters he or she may read."""
    allowed = page_permission_policy.instances_user_has_permission_for(user, "change")
    below = page_permission_policy.instances_user_has_permission_for(user, "add")
    books = GuidebookPage.objects.filter(pk__in=allowed.values("pk"), alias_of=None).exclude(imported_from="")
    books = books.filter(pk__in=below.values("pk"))
    desk = desk_for(user)
    if desk is None:
        return books
    hidden = HubPage.objects.filter(path__startswith=OuterRef("path")).exclude(desk.own_pages)
    return books.filter(desk.own_pages).exclude(Exists(hidden))


def uploads_for(user: User) -> QuerySet[Upload]:
    """The uploads a person sees: the own ones, while he or she may write where they go; all for the secretariat."""
    rows = Upload.objects.select_related("parent", "onto", "owner").order_by("-pk")
    if user.is_secretariat:
        return rows
    return rows.filter(owner=user, parent__in=places_for(user).values("pk")).exclude(
        pk__in=rows.filter(onto__isnull=False).exclude(onto__in=books_for(user).values("pk")).values("pk")
    )


def may_go_on(upload: Upload) -> bool:
    """Whether the person who sent it may still write there."""
    if not upload.owner.is_active:
        return False
    owner = User.objects.get(pk=upload.owner_id)  # as he or she is now, nothing remembered
    if upload.onto is not None:
        return books_for(owner).filter(pk=upload.onto.pk).exists()
    return places_for(owner).filter(pk=upload.parent_id).exists()


# Steps ----------------------------------------------------------------------------------------------


def begin(upload: Upload) -> None:
    """Have the next step done, by whoever comes first. Within the transaction that made it wait."""
    work_on.enqueue(upload.pk)
    if settings.READ_FILES_AT_ONCE:
        wait = 0 if upload.file and upload.file.size <= settings.READ_FILES_AT_ONCE else PATIENCE
        thread = threading.Thread(target=_beside, args=(upload.pk, wait), name="guidebook-upload")
        transaction.on_commit(thread.start, robust=True)  # without a thread it waits for a worker


@task(backend="slow")
def work_on(upload_id: int) -> None:
    """Read or write one upload that waits for it."""
    work(upload_id)


def _beside(upload_id: int, wait: int) -> None:
    """The same in a thread of the web server, after leaving a worker its time."""
    try:
        time.sleep(wait)
        work(upload_id)
    except Exception:
        logger.exception("Upload %s could not be worked on", upload_id)
    finally:
        connection.close()


def work(upload_id: int) -> bool:
    """Do the step an upload waits for; False where none does or somebody else has it in hand.

    What is wrong with the file is kept with the upload, for its person to read.
    """
    upload = _claim(upload_id)
    if upload is None:
        return False
    back = Upload.State.REFUSED if upload.state == Upload.State.READING else Upload.State.READY
    try:
        problems = _problems_of_step(upload)
        if problems is not None:
            _end(upload, state=back, problems=problems)
    except _TakenAwayError:
        logger.warning("Upload %s was taken over by another process", upload.pk)
    return True


def _problems_of_step(upload: Upload) -> list[str] | None:
    """Do the step, and give what went wrong in words for its person; None where nothing did."""
    with translation.override(upload.language):
        try:
            if not may_go_on(upload):
                raise ImportProblem(upload.name, [_("The person who sent it may no longer write there.")])
            (_read if upload.state == Upload.State.READING else _write)(upload)
        except ImportProblem as problem:
            return list(problem.problems)
        except _TakenAwayError:
            raise
        except Exception:
            logger.exception("Upload %s could not be worked on", upload.pk)
            return [
                _("Something went wrong on our side. Nothing was changed; please try again, or tell the secretariat.")
            ]
    return None


class _TakenAwayError(Exception):
    """Somebody else has begun this step anew."""


def _claim(upload_id: int) -> Upload | None:
    with transaction.atomic():
        upload = Upload.objects.select_for_update().filter(pk=upload_id, state__in=WORKING).first()
        if upload is None:
            return None
        upload.state = WORKING[Upload.State(upload.state)]
        upload.attempt += 1
        upload.done = upload.total = 0
        upload.problems = []
        upload.save()
        return upload


def _end(upload: Upload, **columns: Any) -> None:
    """Write what became of a step, unless it was taken away."""
    held = Upload.objects.filter(pk=upload.pk, state=upload.state, attempt=upload.attempt)
    if not held.update(changed_at=timezone.now(), **columns):
        raise _TakenAwayError


@contextmanager
def opened(upload: Upload) -> Iterator[Manuscript]:
    """The book in an uploaded file, wherever the storage keeps it."""
    with tempfile.TemporaryDirectory(prefix="upload-") as place:
        name = upload.file.name or ""
        path = Path(place) / f"file{PurePosixPath(name).suffix}"
        try:
            with upload.file.storage.open(name) as stored, path.open("wb") as target:
                shutil.copyfileobj(stored, target)
        except FileNotFoundError as error:
            raise ImportProblem(upload.name, [_("The file is gone from the hub's storage. Send it again.")]) from error
        with open_manuscript(path, upload.parent.language, name=upload.name) as manuscript:
            yield manuscript


def imported(upload: Upload, manuscript: Manuscript, **how: Any) -> Report:
    """The import of an upload, as its person has decided."""
    return import_manuscript(
        manuscript,
        upload.onto.get_parent().specific if upload.onto else upload.parent.specific,
        audience=upload.audience,
        user=upload.owner,
        onto=upload.onto,
        choices=Choices(**{name: upload.choices.get(name, {}) for name in ("titles", "alts", "keep")}),
        root=manuscript.name,
        publish=False,
        link=_outside,
        **how,
    )


def _outside(address: str) -> str | None:
    """Links that lead out of the file: clauses of standards are known by number, pages of the hub by address only."""
    return address if address.startswith("clause:") else None


def _read(upload: Upload) -> None:
    with opened(upload) as manuscript:
        report = imported(upload, manuscript, dry_run=True, progress=_Progress(upload))
        pictures, name = list(thumbnails(manuscript, report)), manuscript.name
    with transaction.atomic():
        _end(upload, state=Upload.State.READY, preview={"name": name, **preview_of(report)})
        UploadPicture.objects.filter(upload=upload).delete()
        UploadPicture.objects.bulk_create(
            UploadPicture(upload=upload, number=number, path=path, src=src, thumbnail=thumbnail)
            for number, (path, src, thumbnail) in enumerate(pictures)
        )


def _write(upload: Upload) -> None:
    def done(report: Report) -> None:
        _end(upload, state=Upload.State.DONE, book=report.guidebook)
        UploadPicture.objects.filter(upload=upload).delete()
        kept = Upload.objects.get(pk=upload.pk)
        kept.forget_file()
        kept.preview = {}
        kept.save()

    def taken_over() -> bool:
        return Upload.objects.filter(pk=upload.pk, attempt__gt=upload.attempt).exists()

    with opened(upload) as manuscript:
        imported(upload, manuscript, progress=_Progress(upload), done=done, taken_over=taken_over)


class _Progress:
    """Tells the person how far it is, at most once a second: each time is a write."""

    def __init__(self, upload: Upload) -> None:
        self.upload, self.last = upload, 0.0

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self.last >= 1:
            self.last = time.monotonic()
            held = Upload.objects.filter(pk=self.upload.pk, attempt=self.upload.attempt)
            if not held.update(done=done, total=total, changed_at=timezone.now()):
                raise _TakenAwayError


# What a person does -----------------------------------------------------------------------------------


@transaction.atomic
def accept(upload: Upload, choices: dict[str, Any]) -> bool:
    """Have the draft made with these choices; False where that has been begun already."""
    held = Upload.objects.filter(pk=upload.pk, state=Upload.State.READY)
    said = {"choices": choices, "language": translation.get_language(), "problems": []}
    if not held.update(state=Upload.State.ACCEPTED, changed_at=timezone.now(), **said):
        return False
    begin(upload)
    return True


@transaction.atomic
def begin_anew(upload: Upload) -> bool:
    """Begin a step again that somebody left unfinished."""
    if not upload.stands_still:
        return False
    state = BACK.get(Upload.State(upload.state), upload.state)
    held = Upload.objects.filter(pk=upload.pk, state=upload.state, attempt=upload.attempt)
    language = translation.get_language()
    if held.update(state=state, attempt=upload.attempt + 1, language=language, changed_at=timezone.now()):
        begin(upload)
        return True
    return False


def delete_old(on: Any = None) -> int:
    """Delete uploads that nobody has finished for days, and those that are done; give how many."""
    rows = Upload.objects.filter(changed_at__lt=(on or timezone.now()) - KEPT)
    number = 0
    for upload in rows:
        with transaction.atomic():
            upload.delete()
        number += 1
    return number
