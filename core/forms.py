"""The editor's form of every page, and what it refuses about who may read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.models import Page, ReferenceIndex
from wagtail.permissions import policy_registry

from core import lines
from core.access import FULL, NOBODY, Audience, fold, is_as_strict, own_key, tier_of
from core.desk import Desk, desk_for, hub_pages, tags_for
from core.editor import suggested
from members.models import WorkingGroup

# Chosen when the page is made; afterwards only through the dialog "Who may read".
ACCESS_FIELDS = ("audience", "working_group", "teaser")
BELOW = "0001"  # any step below a page: what counts is the line above it


class HubPageForm(WagtailAdminPageForm):
    """Asks who may read while a page is new, and refuses what could not hold.

    A person with an office (``core.desk``) chooses among what he may read himself, and everything the page leads to
    must be something he may pick. No page shows a file that its own readers could not open; a link to a page that some
    of them may not open stands there as its words alone (``core.links``).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What runs without a person, such as an import, is checked where it begins.
        self.desk = desk_for(self.for_user) if self.for_user is not None else None
        if self.desk is not None and "topics" in self.fields:
            self.fields["topics"].widget.offered = offered_topics(self.desk, self.instance)
        if self.instance.pk:
            for name in ACCESS_FIELDS:
                self.fields.pop(name, None)
            return
        if self.parent_page is not None:
            self.initial.update(suggested(self.parent_page.specific))
        if self.desk is not None:
            limit_access_fields(self, self.desk)

    def clean(self) -> dict[str, Any]:
        """As Wagtail's, with who may read checked against the section the page stands in."""
        cleaned = super().clean()
        if self.desk is not None:
            for name in ("topics", "keywords"):
                if name in cleaned:
                    cleaned[name] = known_tags(self.desk, self.instance, name, cleaned[name])
        if not self.instance.pk and "audience" in cleaned:
            errors = access_errors(
                cleaned["audience"], cleaned.get("working_group"), bool(cleaned.get("teaser")), self._above()
            )
            for field, error in errors.items():
                self.add_error(field, error)
        return cleaned

    def _post_clean(self) -> None:
        """As Django's; then refuse what the person may not pick, and files that some readers could not open."""
        super()._post_clean()
        if self.desk is not None:
            for problem in unpickable(self.desk, self.for_user, self.instance, self._references()):
                self.add_error(None, problem)
        page_key = self._page_key()
        if page_key == NOBODY:
            return
        for file in {file.pk: file for file in self._files()}.values():
            is_named = self.desk is None or self.desk.knows_file(file)  # refused above already where it is not
            if is_named and not is_as_strict(page_key, file.access_key):
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

    def _references(self) -> set[tuple[type[Any], str]]:
        """What the page leads to, in its fields, its text and its lists: model and id."""
        return references_of(self.instance) | set(in_rows(self.formsets))

    def _files(self) -> Iterator[Any]:
        """The documents and images the page names, in its fields, its text and its list of files."""
        wanted = self._references()
        for model in file_models():
            yield from model.objects.filter(pk__in=[pk for found, pk in wanted if found is model])


def in_rows(formsets: Mapping[str, Any]) -> Iterator[tuple[type[Any], str]]:
    """What the rows of a form lead to, those of rows within rows too."""
    for formset in formsets.values():
        own = (formset.model._meta.pk.name, formset.fk.name)
        for row in formset.forms:
            cleaned = getattr(row, "cleaned_data", {})
            if cleaned.get("DELETE"):
                continue
            for name, value in cleaned.items():
                if isinstance(value, models.Model) and name not in own:
                    yield type(value), str(value.pk)
            yield from in_rows(getattr(row, "formsets", {}))


def file_models() -> tuple[Any, Any]:
    """The models of documents and images."""
    return (
        apps.get_model(settings.WAGTAILDOCS_DOCUMENT_MODEL),
        apps.get_model(settings.WAGTAILIMAGES_IMAGE_MODEL),
    )


def references_of(page: Any) -> set[tuple[type[Any], str]]:
    """What a page leads to, saved or not, as the reference index reads it: model and id."""
    found = set()
    for content_type, pk, *_path in ReferenceIndex._extract_references_from_object(page):
        model = ContentType.objects.get_for_id(content_type).model_class()
        if model is not None:
            found.add((model, str(pk)))
    return found


# What a person with an office may choose ---------------------------------------------------------------


def limit_access_fields(form: forms.BaseForm, desk: Desk) -> None:
    """Offer only audiences and working groups that are the person's own: nobody shuts himself out."""
    if "audience" in form.fields:
        full = FULL in desk.viewer.keys
        field: Any = form.fields["audience"]
        field.choices = [
            (value, label)
            for value, label in field.choices
            if full or value not in (Audience.FULL, Audience.GROUP_FULL)
        ]
    if "working_group" in form.fields:
        groups: Any = form.fields["working_group"]
        groups.queryset = WorkingGroup.objects.filter(pk__in=desk.offices.groups)


def offered_topics(desk: Desk, page: Any) -> models.QuerySet[Any]:
    """The topics a person may tick: those he may be offered, and those the page has already."""
    through = page.topics.through
    every = through._meta.get_field("tag").related_model.objects.all()
    own = [tag.pk for tag in page.topics.all()]
    return tags_for(every, through._default_manager.all(), desk) | every.filter(pk__in=own)


def known_tags(desk: Desk, page: Any, name: str, given: Iterable[str]) -> list[str]:
    """Of topics or keywords that were typed, those the person may be offered, and those the page has already.

    A topic that stands on closed pages alone is dropped as one that is not there. A keyword anybody may make up: one
    that is there already, on closed pages, is used like a new one, and its spelling is not given back.
    """
    manager = getattr(page, name)
    if name == "keywords":
        return list(given)
    of_pages = manager.through._default_manager.all()
    offered = tags_for(manager.through._meta.get_field("tag").related_model.objects.all(), of_pages, desk)
    own = {tag.name for tag in manager.all()}
    known = set(offered.filter(name__in=list(given)).values_list("name", flat=True))
    return [tag for tag in given if tag in known | own]


def unpickable(desk: Desk, user: Any, page: Any, references: set[tuple[type[Any], str]]) -> Iterator[ValidationError]:
    """What is wrong with what a page leads to: things the person may not pick. Nothing is named.

    What the page led to before stays, whoever put it there.
    """
    before: set[tuple[type[Any], str]] = set()
    if page.pk:
        saved = type(page)._default_manager.filter(pk=page.pk).first()
        for version in (saved, saved.get_latest_revision_as_object()) if saved is not None else ():
            before |= references_of(version)
    new = references - before
    pages = [pk for model, pk in new if issubclass(model, Page)]
    if pages and pickable_count(desk, pages) < len(set(pages)):
        yield ValidationError(_("This page links to a page that is not there. Take the link out or choose another."))
    for model in file_models():
        wanted = {pk for found, pk in new if found is model}
        allowed = policy_registry.get_by_type(model).instances_user_has_any_permission_for(user, ["choose"])
        if allowed.filter(pk__in=wanted).count() < len(wanted):
            yield ValidationError(_("This page shows a file that is not there. Take it out or choose another."))
    groups = {int(pk) for model, pk in new if model is WorkingGroup}
    if groups - desk.offices.groups:
        yield ValidationError(_("Choose a working group of your own."))


def pickable_count(desk: Desk, pks: Iterable[str]) -> int:
    """How many of these pages the person may link to."""
    return hub_pages().filter(desk.pickable_pages, pk__in=set(pks)).count()


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
