"""Topics in the library: the two-level overview at its top, and the page of one topic."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.listing import Found, Listing
from core.models import Topic

CARE = "looking-after-oneself"
SUPERVISION = "supervision"


@dataclass(frozen=True)
class TopicLink:
    """A topic with its number of items and its address; narrower topics below it."""

    label: str
    url: str
    count: int
    narrower: list[TopicLink] = field(default_factory=list)


@dataclass(frozen=True)
class Subject:
    """The one topic that a reader chose: the page of that topic.

    Args:
        broader: Link to the topic above it, if there is one.
        supervision_url: What there is on supervision; only on the topic of looking after oneself, and where there is.
    """

    title: str
    description: str
    broader: TopicLink | None = None
    narrower: list[TopicLink] = field(default_factory=list)
    is_care: bool = False
    supervision_url: str = ""


def topics_of(found: Found, path: str) -> list[TopicLink]:
    """The overview: topics that items open to this viewer carry, with their numbers, at most two levels deep."""
    overview: list[TopicLink] = []
    for choice in found.choices("topic"):
        link = TopicLink(choice.label, topic_url(choice.value, path), choice.count)
        if choice.sub and overview:
            overview[-1].narrower.append(link)
        else:
            overview.append(link)
    return overview


def topic_url(slug: str, path: str) -> str:
    """The address of a topic's page."""
    return Listing(chosen=(("topic", slug),)).url(path)


def subject_of(found: Found, path: str) -> Subject | None:
    """The topic a list is about, when exactly one is chosen and something this viewer may open carries it."""
    chosen = found.listing.values("topic")
    topic = found.named.topics.get(chosen[0]) if len(chosen) == 1 else None
    if topic is None:
        return None
    counts = {choice.value: choice.count for choice in found.choices("topic")}
    broader = topic.parent
    is_care = CARE in (topic.slug, broader.slug if broader else "")
    return Subject(
        title=topic.label,
        description=topic.description,
        broader=_link(broader, path, counts) if broader else None,
        narrower=[
            _link(other, path, counts)
            for other in (found.named.topics[slug] for slug in counts if slug in found.named.topics)
            if other.parent_id == topic.pk and counts[other.slug]
        ],
        is_care=is_care,
        supervision_url=topic_url(SUPERVISION, path)
        if is_care and topic.slug != SUPERVISION and counts.get(SUPERVISION)
        else "",
    )


def _link(topic: Topic, path: str, counts: dict[str, int]) -> TopicLink:
    return TopicLink(topic.label, topic_url(topic.slug, path), counts.get(topic.slug, 0))
