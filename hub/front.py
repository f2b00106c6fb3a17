"""What the home pages show: to the public what is open, to a member what is new and coming up."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from core.access import ANONYMOUS, Viewer
from core.cards import Card, cards_of
from core.kinds import LIBRARY_KINDS
from core.models import Generation, HubPage, HubPageQuerySet, TopicOfPage, active_languages
from events.models import EventPage
from guidebooks.reading.readings import changed_for
from guidebooks.shelf import Cover, covers_of
from members.models import Tier, User, in_language
from members.standing import standing_of

FEW = 4
SHELF_SECONDS = 3600  # a bound for memory only: the generation in the key says when it is out of date
PRACTICE_KINDS = ("practice", "research", "insight", "tool", "lesson")


@dataclass(frozen=True)
class TierShown:
    """One line of the table of what membership costs, in words."""

    name: str
    for_whom: str
    price: str
    reduced: str
    period: str


def euros(amount: Decimal) -> str:
    """An amount as it is read: ``1,500 €``, ``37.50 €``.

    >>> euros(Decimal("1500.00")), euros(Decimal("37.50"))
    ('1,500\\xa0€', '37.50\\xa0€')
    """
    plain = f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"
    return f"{plain}\N{NO-BREAK SPACE}€"


def tiers() -> list[tuple[TierShown, Decimal]]:
    """The tiers and what they cost in words, in the order of the secretariat, with the reduced fee."""
    return [
        (
            TierShown(
                name=in_language(tier, "name"),
                for_whom=in_language(tier, "for_whom"),
                price=euros(tier.fee),
                reduced=euros(tier.fee * tier.reduced_share),
                period=tier.get_period_display(),
            ),
            tier.fee * tier.reduced_share,
        )
        for tier in Tier.objects.all()
    ]


def newest(viewer: Viewer, **only: Any) -> HubPageQuerySet:
    """Items of the library this viewer may open, newest first, one per item."""
    pages = HubPage.objects.visible_to(viewer).filter(kind__in=LIBRARY_KINDS, **only)
    return pages.in_best_language(*active_languages()).for_cards().newest_first()


def coming_up(viewer: Viewer, zone: str) -> list[dict[str, Any]]:
    """The next events this viewer may open, with times by the clocks of a zone and the host's."""
    events = EventPage.objects.visible_to(viewer).upcoming().in_best_language(*active_languages())
    return [event.entry(zone) for event in events.for_cards()[:FEW]]


def open_guidebooks() -> list[Cover]:
    """The covers of the newest guidebooks everybody may read."""
    books = HubPage.objects.visible_to(ANONYMOUS).filter(kind="guidebook").in_best_language(*active_languages())
    return covers_of(list(books.for_cards().newest_first()[:3]), ANONYMOUS)


def open_counts() -> dict[str, int]:
    """How many open items there are by kind, each counted once whatever its languages."""
    kinds = (
        HubPage.objects.visible_to(ANONYMOUS)
        .filter(alias_of=None)
        .order_by()
        .aggregate(
            guidebooks=Count("translation_key", distinct=True, filter=Q(kind="guidebook")),
            practices=Count("translation_key", distinct=True, filter=Q(kind__in=PRACTICE_KINDS)),
            standards=Count("translation_key", distinct=True, filter=Q(kind="standard")),
        )
    )
    return dict(kinds)


def open_shelf() -> tuple[list[Cover], dict[str, int]]:
    """Covers and counts of what everybody may read, from the cache."""
    name = f"front:{Generation.current()}:{active_languages()[0]}"
    kept: tuple[list[Cover], dict[str, int]] | None = cache.get(name)
    if kept is None:
        kept = open_guidebooks(), open_counts()
        cache.set(name, kept, SHELF_SECONDS)
    return kept


def for_public(zone: str) -> dict[str, Any]:
    """The public home: what is open, what comes up, what membership costs."""
    shown = tiers()
    guidebooks, counts = open_shelf()
    return {
        "guidebooks": guidebooks,
        "events": coming_up(ANONYMOUS, zone),
        "open_counts": counts,
        "tiers": [line for line, _least in shown],
        "least_fee": euros(min((least for _line, least in shown), default=Decimal(0))),
        "examples": [_("first conversation in prison"), _("working with parents"), _("Ausstiegsarbeit online")],
    }


def for_member(user: User, viewer: Viewer, zone: str) -> dict[str, Any]:
    """The member's home: what is new in my topics and groups, and what is coming up."""
    groups = group_pages(viewer)
    seen: set[int] = set()

    def fresh(pages: HubPageQuerySet) -> list[Card]:
        """The newest of these that stand in no list above."""
        few = list(pages.exclude(pk__in=seen)[:FEW])
        seen.update(page.pk for page in few)
        return cards_of(few, viewer)

    chosen = user.followed_topics.values("topic")
    followed = TopicOfPage.objects.filter(Q(tag__in=chosen) | Q(tag__parent__in=chosen))
    return {
        "standing": standing_of(user),
        "groups": groups,
        "in_groups": fresh(newest(viewer, working_group__in=[page.working_group_id for page in groups]))
        if groups
        else [],
        "in_topics": fresh(newest(viewer, pk__in=followed.values("content_object"))),
        "newest": fresh(newest(viewer)),
        "changed": cards_of(list(changed_for(user, viewer).for_cards()[:FEW]), viewer),
        "events": coming_up(viewer, zone),
    }


def group_pages(viewer: Viewer) -> list[HubPage]:
    """The home pages of the viewer's own working groups."""
    ids = sorted(viewer.groups)
    if not ids:
        return []
    pages = HubPage.objects.visible_to(viewer).filter(kind="group", working_group__in=ids)
    return list(pages.in_best_language(*active_languages()).select_related("locale").order_by("title"))
