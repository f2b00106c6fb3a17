"""The pictures of imported files: found in the folder, stored once, never fetched from elsewhere."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from wagtail.images import get_image_model
from wagtail.models import Collection
from wagtail.utils.file import hash_filelike

from core import lines
from core.access import is_as_strict, own_key
from core.drawings import clean_drawing
from core.html_body import NotTaken
from core.models import HubPage
from guidebooks.manuscript import Manuscript, Source
from members.models import WorkingGroup

# SHA-1 of a picture as it came, to that of the cleaned one: cleaning takes seconds, and a handbook
# in four languages brings the same pictures four times.
CLEANED: dict[str, str] = {}


@dataclass
class Pictures:
    """Finds and stores the pictures of one import.

    Args:
        manuscript: What knows the pictures of its text.
        dry_run: Only look whether they are there.
        parent: Where the book stands: its group's own collection takes the pictures, where there is one.
        known: Images that pictures became before, by the SHA-1 of the picture.
        taken: The same of this import, by the path of each source.
    """

    manuscript: Manuscript
    dry_run: bool = False
    parent: HubPage | None = None
    known: dict[str, int] = field(default_factory=dict)
    taken: dict[str, dict[str, int]] = field(default_factory=dict)
    _made: list[Any] = field(default_factory=list)
    _known: dict[tuple[str, str, int | None], Any] = field(default_factory=dict)
    """Images by what they hold and who may see them; in words why, where one cannot be had."""

    def find(self, source: Source, src: str, alt: str, audience: str, group: WorkingGroup | None) -> Any:
        """The image at an address, for readers of a page; None if it is missing.

        Raises:
            NotTaken: It is there and cannot be taken; the message says why.
        """
        picture = self.manuscript.picture(source, src)
        if picture is None:
            return None
        suffix = PurePosixPath(picture.name).suffix.lower().lstrip(".")
        if suffix != "svg" and suffix not in settings.WAGTAILIMAGES_EXTENSIONS:
            words = _("A picture was not taken: .%(kind)s is not a kind of picture that is shown here. %(address)s")
            raise NotTaken(words % {"kind": suffix, "address": src[:200]})
        if picture.size > settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE:
            raise NotTaken(_("A picture was not taken: it is too large. %(address)s") % {"address": src[:200]})
        try:
            data = picture.read()
        except ValueError as error:
            raise NotTaken(_unreadable(src, str(error))) from error
        digest = hashlib.sha1(data).hexdigest()
        key = (digest, audience, group.pk if group else None)
        if key not in self._known:
            self._known[key] = self._before(digest, audience, group)
            if self._known[key] is None and self.dry_run:
                self._known[key] = SimpleNamespace(pk=-len(self._known))
            elif self._known[key] is None:
                try:
                    self._known[key] = self._stored(PurePosixPath(picture.name), data, alt, audience, group)
                except ValidationError as error:
                    self._known[key] = " ".join(error.messages)
                except OSError:
                    self._known[key] = _("it could not be stored")
                except ValueError as error:
                    self._known[key] = str(error)
        image = self._known[key]
        if isinstance(image, str):
            raise NotTaken(_unreadable(src, image))
        self.taken.setdefault(source.path, {})[digest] = image.pk
        return image

    def _before(self, digest: str, audience: str, group: WorkingGroup | None) -> Any:
        """The image this picture became before, if all who may read the page may still see it."""
        image = get_image_model().objects.filter(pk=self.known.get(digest)).first()
        readers = own_key(audience, group.pk if group else None)
        return image if image is not None and is_as_strict(readers, image.access_key) else None

    @cached_property
    def collection(self) -> Collection | None:
        """The collection of whoever may write where the book stands; None: the one of all."""
        if self.parent is None:
            return None
        above = [self.parent.path[:n] for n in range(2 * lines.STEP, len(self.parent.path) + 1, lines.STEP)]
        writers = Group.objects.filter(
            page_permissions__page__path__in=above, page_permissions__permission__codename="add_page"
        )
        own = Collection.objects.filter(
            group_permissions__group__in=writers, group_permissions__permission__codename="add_image", depth__gt=1
        )
        return own.order_by("path").first()

    def take_back(self) -> None:
        """Remove the pictures of an import that failed: their rows, where they outlived it, and their files."""
        for image in self._made:
            name, storage = image.file.name, image.file.storage
            get_image_model().objects.filter(pk=image.pk).delete()
            storage.delete(name)

    def _stored(
        self,
        path: PurePosixPath,
        data: bytes,
        alt: str,
        audience: str,
        group: WorkingGroup | None,
    ) -> Any:
        """The image that holds this picture already, or a new one.

        Raises:
            ValidationError, OSError, ValueError: It cannot be read or freed of what it tells of people.
        """
        model = get_image_model()
        mine = {"audience": audience, "working_group": group}
        raw = hashlib.sha1(data).hexdigest()
        known = model.objects.filter(file_hash=CLEANED.get(raw, "-"), **mine).first()
        if known is not None:
            return known
        cleaned = self._cleaned(path, data)
        digest = CLEANED[raw] = hash_filelike(cleaned)
        known = model.objects.filter(file_hash=digest, **mine).first()
        if known is not None:
            return known
        image = model(
            title=(alt or path.stem)[:255],
            description=alt[:255],
            file=cleaned,
            file_hash=digest,
            **({"collection": self.collection} if self.collection else {}),
            **mine,
        )
        image.full_clean(exclude=["uploaded_by_user", "collection"])
        image.save()
        self._made.append(image)
        return image

    @staticmethod
    def _cleaned(path: PurePosixPath, data: bytes) -> ContentFile:
        """The picture freed of what it tells of people, or of what a drawing could run."""
        name = f"{path.stem}.{kind_of(data) or path.suffix.lstrip('.').lower()}"
        if name.endswith(".svg"):
            cleaned = ContentFile(clean_drawing(data), name=name)
        else:
            cleaned = ContentFile(get_image_model().cleaner(ContentFile(data, name=name)), name=name)
        cleaned.is_clean = True  # type: ignore[attr-defined]
        return cleaned


def _unreadable(src: str, problem: str) -> str:
    words = _("A picture was not taken: it cannot be read (%(problem)s). %(address)s")
    return words % {"problem": problem[:200], "address": src[:200]}


def kind_of(data: bytes) -> str:
    """The ending that fits a picture's first bytes, whatever its name says; empty for no picture.

    >>> kind_of(b"\\x89PNG\\r\\n\\x1a\\n")
    'png'
    """
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg"
    return "webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else ""
