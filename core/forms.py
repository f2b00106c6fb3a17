"""The editor's form of every page, and what it refuses about who may read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.models import ReferenceIndex

from core import lines
from core.access import NOBODY, Audience, fold, is_as_strict, own_key, tier_of
from core.editor import suggested
from members.models import WorkingGroup

# Chosen when the page is made; afterwards only through the dialog "Who may read".
ACCESS_FIELDS = ("audience", "working_group", "teaser")
BELOW = "0001"  # any step below a page: what counts is the line above it


class HubPageForm(WagtailAdminPageForm):
    """Asks who may read while a page is new, and refuses what could not hold."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in ACCESS_FIELDS:
                self.fields.pop(name, None)
        elif self.parent_page is not None:
            self.initial.update(suggested(self.parent_page.specific))

    def clean(self) -> dict[str, Any]:
        """As Wagtail's, with who may read checked against the section the page stands in."""
        cleaned = super().clean()
        if not self.instance.pk and "audience" in cleaned:
            errors = access_errors(
                cleaned["audience"], cleaned.get("working_group"), bool(cleaned.get("teaser")), self._above()
            )
            for field, error in errors.items():
                self.add_error(field, error)
        return cleaned

    def _post_clean(self) -> None:
        """As Django's; then refuse files that some readers of the page could not open."""
        super()._post_clean()
        page_key = self._page_key()
        if page_key == NOBODY:
            return
        for file in {file.pk: file for file in self._files()}.values():
            if not is_as_strict(page_key, file.access_key):
                self.add_error(
                    None,
                    ValidationError(
                        _(
                            "“%(file)s” is closed to some readers of this page. "
                            "Change who may open the file, or take it out."
                        ),
                        params={"file": file.title},
                    ),
                )

    def _above(self) -> lines.State:
        return lines.state_above(self.parent_page.path + BELOW) if self.parent_page else lines.State()

    def _page_key(self) -> str:
        if self.instance.pk:
            return str(self.instance.standing_key)
        cleaned = self.cleaned_data
        group = cleaned.get("working_group")
        own = own_key(cleaned.get("audience", Audience.MEMBERS), group.pk if group else None)
        return fold(own, self._above().key)

    def _files(self) -> Iterator[Any]:
        """The documents and images the page names, in its fields, its text and its list of files."""
        models = [
            apps.get_model(settings.WAGTAILDOCS_DOCUMENT_MODEL),
            apps.get_model(settings.WAGTAILIMAGES_IMAGE_MODEL),
        ]
        wanted: dict[Any, set[str]] = {ContentType.objects.get_for_model(model).pk: set() for model in models}
        for content_type, pk, *_path in ReferenceIndex._extract_references_from_object(self.instance):
            if content_type in wanted:
                wanted[content_type].add(pk)
        for model in models:
            yield from model.objects.filter(pk__in=wanted[ContentType.objects.get_for_model(model).pk])
        formset = self.formsets.get("files")
        for row in formset.forms if formset is not None else []:
            cleaned = getattr(row, "cleaned_data", {})
            if cleaned.get("document") and not cleaned.get("DELETE"):
                yield cleaned["document"]


def access_errors(audience: str, group: Any, teaser: bool, above: lines.State) -> dict[str, Any]:
    """What is wrong with an audience below a line of ancestors, by field; empty when nothing is."""
    if audience not in Audience.values:
        return {"audience": _("Unknown audience: %(audience)s") % {"audience": audience}}
    own = own_key(audience, group.pk if group else None)
    for_group = audience in (Audience.GROUP, Audience.GROUP_FULL)
    if for_group and group is None:
        return {"working_group": _("Choose the working group that may read this.")}
    if fold(own, above.key) == NOBODY:
        return {"working_group": _("The section belongs to another working group: nobody could read this.")}
    if not for_group and tier_of(own) < tier_of(above.key):
        return {"audience": _("This is wider than the section it stands in. Choose a narrower audience.")}
    if teaser and (for_group or audience == Audience.PUBLIC):
        return {"teaser": _("Only pages for members or full members can show title and summary to everyone.")}
    if teaser and not above.may_tease:
        return {"teaser": _("The section is not shown to everyone, so nothing in it can be.")}
    return {}


class AudienceForm(forms.Form):
    """The dialog "Who may read"."""

    audience = forms.ChoiceField(label=_("Who may read"), choices=Audience.choices, widget=forms.RadioSelect)
    working_group = forms.ModelChoiceField(
        label=_("Working group"),
        queryset=None,
        required=False,
        help_text=_("The group that owns the page; needed where only a group may read."),
    )
    teaser = forms.BooleanField(
        label=_("Show title and summary to everyone"),
        required=False,
        help_text=_("People who may not open the page then see that it exists and who may read it."),
    )
    all_languages = forms.BooleanField(label=_("Also its versions in other languages"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["working_group"].queryset = WorkingGroup.objects.all()  # type: ignore[attr-defined]
