"""The editor of a page, in the order in which an author thinks: the text, its subject, who may read it and when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from taggit.utils import edit_string_for_tags, parse_tags
from wagtail.admin.panels import ObjectList, TabbedInterface
from wagtail.admin.widgets import AdminAutoHeightTextInput

from core.access import MEMBERS, PUBLIC, Audience, audience_of, fold, own_key
from core.models.topics import Topic


def tabs_of(page_class: Any) -> TabbedInterface:
    """The tabs of the editor of one kind of page; a tab without panels is left out."""
    tabs = [
        (gettext_lazy("Text"), page_class.content_panels),
        (gettext_lazy("Subject and files"), page_class.promote_panels),
        (gettext_lazy("Readers and dates"), page_class.settings_panels),
    ]
    shown = [ObjectList(panels, heading=heading) for heading, panels in tabs if panels]
    return TabbedInterface(shown, base_form_class=page_class.base_form_class)


def suggested(section: Any) -> dict[str, Any]:
    """Who may read a new page of a section, as a start: what the section allows, never more than members.

    Returns: initial values of the form, by field.
    """
    key = fold(MEMBERS, getattr(section, "standing_key", "") or PUBLIC)
    audience, group = audience_of(key)
    return {"audience": audience, "working_group": group or getattr(section, "working_group_id", None)}


def reasons(page: Any) -> list[str]:
    """Why these people may read a page and nobody else: its own audience, and what stands above it and is stricter."""
    said = [_("This page: %(audience)s") % {"audience": Audience(page.audience).label}]
    key = own_key(page.audience, page.working_group_id)
    for above in page.line[1:]:
        title = above.get_admin_display_title()
        if not above.live:
            said.append(_("“%(title)s” above it is not published: nobody reads what is below it") % {"title": title})
        asked = own_key(above.audience, above.working_group_id)
        if fold(key, asked) != key:
            key = fold(key, asked)
            words = {"title": title, "audience": Audience(above.audience).label}
            said.append(_("“%(title)s” above it is narrower: %(audience)s") % words)
    return said


class Counted(AdminAutoHeightTextInput):
    """A text whose length is shown while one writes, beside how much fits."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        words = gettext_lazy("%(used)s of %(most)s characters")
        super().__init__({"data-counted": words, **(attrs or {})})

    class Media:
        js = ["js/admin/counted.js"]


class TopicChooser(forms.CheckboxSelectMultiple):
    """The topics as two levels of boxes to tick, in place of a line in which one would have to know their names."""

    template_name = "core/admin/topics.html"

    class Media:
        css = {"all": ["css/admin/topics.css"]}

    def __init__(self, attrs: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(attrs)

    offered: QuerySet[Topic] | None = None
    """The topics that may be ticked; all if None."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """As Django's, with each topic of the first level and those below it."""
        chosen = set(self._names(value))
        topics = list(self.offered if self.offered is not None else Topic.objects.all())
        offered = {topic.pk for topic in topics}
        first = [topic for topic in topics if topic.parent_id not in offered]
        below: dict[int | None, list[Topic]] = {}
        for topic in topics:
            below.setdefault(topic.parent_id, []).append(topic)
        context = super().get_context(name, [], attrs)
        context["themes"] = [
            [(topic, topic.name in chosen) for topic in (theme, *below.get(theme.pk, []))] for theme in first
        ]
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        """The names of what was ticked, as the line that taggit reads; such a line itself stays as it is."""
        given = data.getlist(name) if hasattr(data, "getlist") else [data.get(name) or ""]
        topics = dict(Topic.objects.filter(slug__in=given).values_list("slug", "name"))
        return ", ".join(f'"{topics[value]}"' if value in topics else value for value in given if value)

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        # Django's renderer of forms looks into the folders of apps only.
        return render_to_string(template_name, context)

    @staticmethod
    def _names(value: Any) -> Iterable[str]:
        if not value:
            return []
        return parse_tags(
            value if isinstance(value, str) else edit_string_for_tags([getattr(v, "tag", v) for v in value])
        )
