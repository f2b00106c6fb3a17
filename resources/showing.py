"""What the page of a resource shows beside its text: facts, files, related items, what members say who tried it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from core.access import Viewer
from core.cards import Card, cards_of
from core.citing import names_in
from core.kinds import LIBRARY_KINDS, kind_label
from core.models import Evidence, HubPage, active_languages
from core.models.contexts import Extremism, Motivation, Region, Setting, Stage
from core.showing import files_for, filter_url, library_path
from members.models import in_language
from resources import tried
from resources.words import EVIDENCE_MEANS, WHAT_TO_DO

if TYPE_CHECKING:
    from resources.models import ResourcePage

RELATED = 5
FEW_VERSIONS = 4  # read for each related item, so that one is left when its languages are folded


@dataclass(frozen=True)
class Fact:
    """One line of what there is to know: words, or links, or words with a meaning that unfolds."""

    term: str
    value: str = ""
    note: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)


def shown(page: ResourcePage, request: HttpRequest, viewer: Viewer, versions: Iterable[HubPage]) -> dict[str, Any]:
    """All that the template of a resource needs beyond what every page has."""
    library = library_path()
    topics = list(page.topics.all())
    return {
        "group_name": in_language(page.working_group, "name") if page.working_group else "",
        "kind_label": kind_label(page.get_kind()),
        "what_to_do": WHAT_TO_DO[page.resource_kind],
        "facts": facts_of(page, library),
        "evidence": Fact(
            _("Evidence"), str(Evidence(page.evidence).label), note=str(EVIDENCE_MEANS[Evidence(page.evidence)])
        )
        if page.evidence
        else None,
        "files": files_for(page, viewer),
        "topics": [(topic.label, filter_url(library, "topic", topic.slug)) for topic in topics],
        "keywords": [(word.name, filter_url(library, "keyword", word.slug)) for word in page.keywords.all()],
        "related": related_to(page, [topic.pk for topic in topics], viewer),
        "also_in": [
            (version.language, get_language_info(version.language)["name_local"], version.url) for version in versions
        ],
        "original": f"https://doi.org/{page.doi}" if page.doi else page.source_url,
        **tried.shown(page, request.user if viewer.signed_in else None, viewer),
    }


def facts_of(page: ResourcePage, library: str) -> list[Fact]:
    """Where, with whom, with what and at what cost; only what the page says."""

    def coded(facet: str, term: str, codes: Iterable[str], words: Mapping[str, Any]) -> Fact:
        known = [code for code in codes if code in words]
        return Fact(term, links=[(str(words[code]), filter_url(library, facet, code)) for code in known])

    motivation = dict(Motivation.choices)
    facts = [
        coded("setting", _("Setting"), page.setting, dict(Setting.choices)),
        coded("stage", _("Stage of the work"), page.stage, dict(Stage.choices)),
        coded("extremism", _("Form of extremism"), page.extremism, dict(Extremism.choices)),
        Fact(
            _("Motivation of the person"),
            ", ".join(str(motivation[code]) for code in page.motivation if code in motivation),
        ),
        coded("region", _("Region"), page.regions, dict(Region.choices)),
        Fact(_("By"), "; ".join(names_in(page.authors))),
        Fact(_("Published first in"), page.published_in),
        Fact(_("Staff"), page.staff),
        Fact(_("Time and cost"), page.cost),
    ]
    return [fact for fact in facts if fact.value or fact.links]


def related_to(page: ResourcePage, topics: list[int], viewer: Viewer) -> list[Card]:
    """Up to five items the viewer may open that share most topics with this one, each in one language; one query."""
    if not topics:
        return []
    pages = (
        HubPage.objects.visible_to(viewer)
        .filter(alias_of=None, kind__in=LIBRARY_KINDS, topics_of_page__tag__in=topics)
        .exclude(translation_key=page.translation_key)
        .annotate(shared=Count("topics_of_page"))
        .for_cards()
        .order_by("-shared", "-published_on", "-pk")[: RELATED * FEW_VERSIONS]
    )
    order = active_languages()
    best: dict[Any, HubPage] = {}
    for other in pages:
        chosen = best.setdefault(other.translation_key, other)
        if _rank(other, order) < _rank(chosen, order):
            best[other.translation_key] = other
    return cards_of(list(best.values())[:RELATED], viewer)


def _rank(page: HubPage, order: tuple[str, ...]) -> int:
    return order.index(page.language) if page.language in order else len(order)
