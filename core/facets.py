"""Facets of a list: the words for their codes, in an order that does not jump while filters change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Model, Q
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from core.access import NOBODY, Audience, Viewer
from core.kinds import KINDS
from core.models import HubPage, Keyword, KeywordOfPage, Topic, TopicOfPage
from core.models.contexts import Extremism, Region, Setting, Stage
from members.models import WorkingGroup, in_language

TITLES = {
    "kind": _("Kind"),
    "topic": _("Topic"),
    "setting": _("Setting"),
    "stage": _("Stage of the work"),
    "extremism": _("Form of extremism"),
    "language": _("Language"),
    "region": _("Region"),
    "year": _("Year"),
    "group": _("Working group"),
    "audience": _("Who may read"),
    "keyword": _("Keyword"),
}
FACETS = ("kind", "topic", "setting", "stage", "extremism", "language", "region", "year", "group", "audience")
FILTERS = (*FACETS, "keyword")
"""What an address may filter by. Keywords come from links on pages and are not counted in a facet."""
FEW_CHOICES = 8
"""Choices of a long facet that are shown before the fold."""
OPEN_AT_FIRST = ("kind", "topic")

CODES: dict[str, Mapping[str, Any]] = {
    "kind": KINDS,
    "setting": dict(Setting.choices),
    "stage": dict(Stage.choices),
    "extremism": dict(Extremism.choices),
    "region": dict(Region.choices),
    "audience": {**dict(Audience.choices), NOBODY: _("Nobody at the moment")},
}
"""Words of codes that are the same for everybody, in the order in which facets show them."""


@dataclass(frozen=True)
class Choice:
    """One value of a facet, with the number of items it would leave. ``sub``: on the second level."""

    value: str
    label: str
    count: int
    chosen: bool = False
    sub: bool = False
    language: str = ""


@dataclass(frozen=True)
class Facet:
    """One facet with its values; ``open`` when it is unfolded at first."""

    code: str
    title: str
    open: bool
    choices: list[Choice]

    @property
    def parts(self) -> list[list[Choice]]:
        """The choices that are shown, and those that are folded away, unless the fold would hold one or two."""
        if len(self.choices) <= FEW_CHOICES + 2:
            return [self.choices]
        return [self.choices[:FEW_CHOICES], self.choices[FEW_CHOICES:]]

    @property
    def fold_is_open(self) -> bool:
        """Whether one of those that fold away is chosen."""
        return any(choice.chosen for choice in self.choices[FEW_CHOICES:])


@dataclass(frozen=True)
class Words:
    """What the codes of the facets are called, only of codes that this viewer may know of.

    Args:
        labels: Words by facet and code.
        topics: The topics among them by slug, with their parents.
    """

    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    topics: Mapping[str, Topic] = field(default_factory=dict)

    def of(self, facet: str, code: str) -> str:
        """The words for one code; the code itself where there are none."""
        return self.labels.get(facet, {}).get(code, code)


def words_for(counts: Mapping[str, Mapping[str, int]], chosen: Sequence[tuple[str, str]], viewer: Viewer) -> Words:
    """Words for all codes that are counted or chosen; at most one query each for topics, groups and keywords.

    Names of topics, keywords and groups are given only if a page the viewer may open carries them: a chosen code
    of something closed reads like one that does not exist.
    """
    labels: dict[str, dict[str, str]] = {}
    topics: dict[str, Topic] = {}
    for facet in FILTERS:
        counted = list(counts.get(facet, {}))
        missing = [value for name, value in chosen if name == facet and value not in counted]
        if facet == "topic":
            topics = {
                topic.slug: topic for topic in _known(Topic, counted, missing, topic_is_carried, viewer, "parent")
            }
            labels[facet] = {slug: topic.label for slug, topic in topics.items()}
        elif facet == "keyword":
            keywords = _known(Keyword, counted, missing, _keyword_is_carried, viewer)
            labels[facet] = {keyword.slug: keyword.name for keyword in keywords}
        elif facet == "group":
            groups = _known(WorkingGroup, counted, missing, _group_is_carried, viewer)
            labels[facet] = {group.slug: in_language(group, "name") for group in groups}
        elif facet == "language":
            labels[facet] = {
                code: get_language_info(code)["name_local"]
                for code, _name in settings.LANGUAGES
                if code in counted or code in missing
            }
        else:
            known = CODES.get(facet, {})
            labels[facet] = {code: str(known[code]) for code in [*counted, *missing] if code in known}
    return Words(labels, topics)


def facet_of(code: str, counts: Mapping[str, int], chosen: Sequence[str], words: Words) -> Facet:
    """One facet: the counted values in a steady order, and the chosen ones even at zero."""
    values = [*counts, *(value for value in chosen if value not in counts)]
    keys = {value: _place(code, value, words) for value in values}
    return Facet(
        code=code,
        title=str(TITLES[code]),
        open=code in OPEN_AT_FIRST or bool(chosen),
        choices=[
            Choice(
                value=value,
                label=words.of(code, value),
                count=counts.get(value, 0),
                chosen=value in chosen,
                sub=code == "topic" and _parent(value, words) in keys,
                language=value if code == "language" else "",
            )
            for value in sorted(values, key=keys.__getitem__, reverse=code == "year")
        ],
    )


def _place(code: str, value: str, words: Words) -> tuple[Any, ...]:
    """Where a value stands among the others of its facet: by the vocabulary, else by name."""
    if code in CODES or code == "language":
        known = list(CODES[code]) if code in CODES else list(dict(settings.LANGUAGES))
        return (known.index(value) if value in known else len(known), value)
    if code == "topic":
        topic = words.topics.get(value)
        if topic is None:
            return (1, value)
        first = topic.parent or topic
        return (0, first.position, first.label.casefold(), topic.parent is not None, topic.position, topic.label)
    return (words.of(code, value).casefold(), value)


def _parent(slug: str, words: Words) -> str:
    """The broader topic of a topic; empty on the first level."""
    topic = words.topics.get(slug)
    return topic.parent.slug if topic is not None and topic.parent else ""


def _known(
    model: type[Model],
    counted: Sequence[str],
    missing: Sequence[str],
    is_carried: Any,
    viewer: Viewer,
    *related: str,
) -> list[Any]:
    """Rows of a vocabulary: those counted, and of the others those that a page open to the viewer carries."""
    condition = Q(slug__in=counted)
    if missing:
        condition |= Q(slug__in=missing) & is_carried(viewer)
    elif not counted:
        return []
    return list(model._default_manager.filter(condition).select_related(*related))


def topic_is_carried(viewer: Viewer) -> Q:
    """Topics that this viewer may know of: those of pages open to him or her, and the topics above them."""
    tags = TopicOfPage.objects.filter(content_object__in=HubPage.objects.visible_to(viewer).order_by())
    return Q(pk__in=tags.values("tag")) | Q(pk__in=tags.values("tag__parent"))


def _keyword_is_carried(viewer: Viewer) -> Q:
    pages = HubPage.objects.visible_to(viewer).order_by()
    return Q(pk__in=KeywordOfPage.objects.filter(content_object__in=pages).values("tag"))


def _group_is_carried(viewer: Viewer) -> Q:
    return Q(pk__in=HubPage.objects.visible_to(viewer).order_by().values("working_group"))
