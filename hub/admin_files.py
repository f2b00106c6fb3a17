"""The forms of pictures and documents: who may open a file, as its section has it, and only among the person's own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.forms import BaseImageForm

from core.access import MEMBERS, PUBLIC, audience_of, fold, group_key, is_as_strict, own_key
from core.desk import Desk, desk_for
from core.forms import access_errors, limit_access_fields
from core.lines import State
from core.models import HubPage
from groups.spaces import Space


def section_of(desk: Desk, collection: int | None) -> tuple[str, int | None]:
    """The key by which the section of the group that has a collection is read, and the group.

    Of homes in several languages the strictest counts, also where the person may not read it; without a home the group.
    Members, and no group, where no group of the person has the collection.
    """
    space = Space.objects.filter(working_group__in=desk.offices.groups, collection=collection).first()
    if space is None:
        return MEMBERS, None
    homes = HubPage.objects.filter(working_group=space.working_group_id, kind="group", alias_of=None)
    keys = homes.values_list("standing_key", flat=True)
    return (fold(*keys) if keys else group_key(space.working_group_id)), space.working_group_id


def audience_for(desk: Desk, collection: int | None) -> tuple[str, int | None]:
    """Who may open a file in a collection if nobody says otherwise: who may read the section of its group.

    Never everybody: that somebody must choose.
    """
    key, group = section_of(desk, collection)
    audience, _group = audience_of(key)
    return (MEMBERS if audience == PUBLIC else audience), group


class AccessOfFile(forms.ModelForm):
    """What the forms of pictures and documents have in common."""

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)  # type: ignore[call-arg]
        self.desk = desk_for(user) if user is not None else None
        if self.desk is None:
            return
        limit_access_fields(self, self.desk)
        if self.instance.pk is not None:
            # Pages may show it that a second person has read: a new file is one of its own, chosen on the page.
            self.fields.pop("file", None)
        else:
            # Many files are sent at once, with their title and collection alone.
            for name in ("audience", "working_group"):
                if name in self.fields:
                    self.fields[name].required = False
            first = self.collections.first()  # type: ignore[attr-defined]
            self.initial["audience"], self.initial["working_group"] = audience_for(
                self.desk, first.pk if first else None
            )

    def clean(self) -> dict[str, Any]:
        """As Wagtail's; what was not said is as the section has it, and what could not hold is refused."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.desk is None or self.errors or "audience" not in self.fields:
            return cleaned
        is_new = self.instance.pk is None
        first = self.collections.first() if is_new else self.instance.collection  # type: ignore[attr-defined]
        collection = cleaned.get("collection") or first
        place = collection.pk if collection else None
        if not cleaned.get("audience"):
            cleaned["audience"], group = audience_for(self.desk, place)
            groups: Any = self.fields["working_group"]
            cleaned["working_group"] = groups.queryset.filter(pk=group).first()
        # Whom the secretariat let in stays, while the person changes only the title.
        if is_new or {"audience", "working_group", "collection"} & set(self.changed_data):
            for field, error in self._access_errors(cleaned, place).items():
                self.add_error(field, error)
        return cleaned

    def _access_errors(self, cleaned: dict[str, Any], place: int | None) -> dict[str, Any]:
        """What is wrong with who may open the file.

        Like a page, it is never wider than the section of its group, and once it is there only the secretariat opens
        it to more people.
        """
        assert self.desk is not None
        audience, group = cleaned["audience"], cleaned.get("working_group")
        errors = access_errors(audience, group, False, State())
        if errors:
            return errors
        key = own_key(audience, group.pk if group else None)
        above, _group = section_of(self.desk, place)
        if not is_as_strict(key, above):
            errors["audience"] = _("This is wider than the section of the group. Choose a narrower audience.")
        elif self.instance.pk is not None and not is_as_strict(key, self.instance.access_key):
            errors["audience"] = _("Only the secretariat opens a file to more people.")
        return errors


class ImageForm(AccessOfFile, BaseImageForm):
    """The form of a picture."""

    class Meta(BaseImageForm.Meta):
        pass


class DocumentForm(AccessOfFile, BaseDocumentForm):
    """The form of a document."""

    class Meta(BaseDocumentForm.Meta):
        pass
