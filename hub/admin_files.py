"""The forms of pictures and documents: who may open a file, as its section has it, and only among the person's own."""

from __future__ import annotations

from typing import Any

from django import forms
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.forms import BaseImageForm

from core.access import MEMBERS, PUBLIC, Audience, audience_of
from core.desk import Desk, desk_for
from core.forms import access_errors, limit_access_fields
from core.lines import State
from core.models import HubPage
from groups.spaces import Space


def audience_for(desk: Desk, collection: int | None) -> tuple[str, int | None]:
    """Who may open a file in a collection if nobody says otherwise: who may read the section of its group.

    Never everybody: that somebody must choose. Where no group has the collection, members.
    """
    space = Space.objects.filter(working_group__in=desk.offices.groups, collection=collection).first()
    if space is None:
        return MEMBERS, None
    home = HubPage.objects.filter(desk.own_pages, working_group=space.working_group_id, kind="group").first()
    audience, _group = audience_of(home.standing_key if home is not None else MEMBERS)
    return (MEMBERS if audience == PUBLIC else audience), space.working_group_id


class AccessOfFile(forms.ModelForm):
    """What the forms of pictures and documents have in common."""

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)  # type: ignore[call-arg]
        self.desk = desk_for(user) if user is not None else None
        if self.desk is None:
            return
        limit_access_fields(self, self.desk)
        if self.instance.pk is None:
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
        if not cleaned.get("audience"):
            collection = cleaned.get("collection") or self.collections.first()  # type: ignore[attr-defined]
            audience, group = audience_for(self.desk, collection.pk if collection else None)
            cleaned["audience"] = audience
            groups: Any = self.fields["working_group"]
            cleaned["working_group"] = groups.queryset.filter(pk=group).first()
        for_group = cleaned["audience"] in (Audience.GROUP, Audience.GROUP_FULL)
        if for_group:
            for field, error in access_errors(
                cleaned["audience"], cleaned.get("working_group"), False, State()
            ).items():
                self.add_error(field, error)
        return cleaned


class ImageForm(AccessOfFile, BaseImageForm):
    """The form of a picture."""

    class Meta(BaseImageForm.Meta):
        pass


class DocumentForm(AccessOfFile, BaseDocumentForm):
    """The form of a document."""

    class Meta(BaseDocumentForm.Meta):
        pass
