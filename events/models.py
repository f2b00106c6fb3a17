"""Webinars, meetings and trainings: what they are, when, and what is left of them afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Orderable, PageManager
from wagtail.rich_text import get_text_for_indexing

from core.access import Viewer, can_see
from core.clocks import zone_of
from core.models import HubPage, HubPageQuerySet, Place, PracticeContext, SectionIndexPage, WithBody
from core.showing import files_for, topic_links
from events.forms import EventPageForm
from events.listing import listing_for
from events.times import Span
from events.transcript import Passage, TranscriptError, by_minute, passages
from members.models import known_time_zone

LONGEST = 14 * 24 * 60  # minutes; a training of two weeks
FIRST_YEAR, LAST_YEAR = 2000, 2100  # beyond these a date is a slip of the pen
TEXT = ["bold", "italic", "link", "document-link", "ol", "ul"]


def safe_address(address: str) -> None:
    """Refuse addresses that anybody on the line could read or change."""
    if not address.startswith("https://"):
        raise ValidationError(_("Give an address that begins with https://"), code="safe_address")


class EventKind(models.TextChoices):
    WEBINAR = "webinar", _("Webinar")
    MEETING = "meeting", _("Meeting")
    TRAINING = "training", _("Training")


class EventPageQuerySet(HubPageQuerySet):
    """Lists of events by what is still to come and what is over."""

    def upcoming(self, now: datetime | None = None) -> EventPageQuerySet:
        """What has not ended yet, the next first."""
        return self.filter(ends_at__gt=now or timezone.now()).order_by("starts_at", "pk")

    def past(self, now: datetime | None = None) -> EventPageQuerySet:
        """What has ended, the latest first."""
        return self.filter(ends_at__lte=now or timezone.now()).order_by("-starts_at", "-pk")


EventPageManager = PageManager.from_queryset(EventPageQuerySet)


class EventIndexPage(SectionIndexPage):
    """All events of the network: what is coming up, and what can be read or heard again."""

    template = "events/event_index_page.html"
    parent_page_types: ClassVar[list[str]] = ["hub.HomePage"]
    subpage_types: ClassVar[list[str]] = ["events.EventPage"]
    max_count_per_parent = 1
    is_creatable = True

    class Meta:
        verbose_name = _("events section")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The lists of this visitor, filtered by kind."""
        context = super().get_context(request, *args, **kwargs)
        events = self.listed(EventPage, context["viewer"])
        return {**context, **listing_for(events, EventKind.values, request, context["viewer"])}


class EventPage(WithBody, PracticeContext, HubPage):
    """One webinar, meeting or training."""

    in_library = True
    cited_with = ("speakers",)

    event_kind = models.CharField(_("kind"), max_length=16, choices=EventKind, default=EventKind.WEBINAR)
    starts_at = models.DateTimeField(_("begins"))
    duration_minutes = models.PositiveIntegerField(
        _("minutes"),
        default=60,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST)],
        help_text=_("How long it lasts, in minutes."),
    )
    ends_at = models.DateTimeField(_("ends"), editable=False)
    time_zone = models.CharField(_("time zone of the host"), max_length=64, default="UTC", validators=[known_time_zone])
    join_link = models.URLField(
        _("link for joining"),
        max_length=500,
        blank=True,
        validators=[safe_address],
        help_text=_(
            "Shown only on this page, to people who are signed in and may read it. Never in mail or calendars."
        ),
    )
    poor_line = RichTextField(
        _("on a poor line"),
        blank=True,
        features=TEXT,
        help_text=_("How to take part with little bandwidth: by telephone, with slides sent before, without a camera."),
    )
    capacity = models.CharField(
        _("places"), max_length=200, blank=True, help_text=_("In words: how many, and who comes first.")
    )
    afterwards = RichTextField(
        _("summary afterwards"), blank=True, features=TEXT, help_text=_("What was said, for those who were not there.")
    )
    recording = models.TextField(
        _("about the recording"),
        max_length=1000,
        blank=True,
        help_text=_("What was recorded, who agreed to it, and until when it is kept."),
    )
    recording_url = models.URLField(
        _("address of the recording"), max_length=500, blank=True, validators=[safe_address]
    )
    recording_file = models.ForeignKey(
        settings.WAGTAILDOCS_DOCUMENT_MODEL,
        verbose_name=_("file of the recording"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    transcript = models.TextField(
        _("transcript"),
        blank=True,
        help_text=_("Each passage begins on a line of its own with its time and who speaks: [00:03:10] **Miriam:** …"),
    )

    objects: ClassVar[Any] = EventPageManager()

    parent_page_types: ClassVar[list[str]] = ["events.EventIndexPage", "groups.WorkingGroupPage"]
    subpage_types: ClassVar[list[str]] = []
    is_creatable = True
    base_form_class = EventPageForm

    content_panels = [
        *HubPage.content_panels,
        MultiFieldPanel(
            [
                FieldPanel("event_kind"),
                FieldRowPanel([FieldPanel("starts_at"), FieldPanel("duration_minutes"), FieldPanel("time_zone")]),
                FieldPanel("capacity"),
            ],
            heading=_("What and when"),
        ),
        InlinePanel("speakers", heading=_("Speakers"), label=_("Speaker")),
        MultiFieldPanel([FieldPanel("join_link"), FieldPanel("poor_line")], heading=_("Taking part")),
        FieldPanel("body"),
        MultiFieldPanel(
            [
                FieldPanel("afterwards"),
                FieldPanel("recording"),
                FieldPanel("recording_url"),
                FieldPanel("recording_file"),
                FieldPanel("transcript"),
            ],
            heading=_("Afterwards"),
        ),
        *PracticeContext.context_panels,
    ]

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [models.Index(fields=["ends_at"], name="events_eventpage_ends")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="events_eventpage_ends_after_start",
                violation_error_message=_("It ends before it begins."),
            ),
            models.CheckConstraint(condition=Q(event_kind__in=EventKind.values), name="events_eventpage_kind_known"),
        ]

    # Writing ---------------------------------------------------------------------------------

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        """As Wagtail's, with the end worked out first."""
        self._end()
        super().full_clean(*args, **kwargs)

    def clean(self) -> None:
        """Refuse dates of other centuries and transcripts whose marks cannot be followed."""
        super().clean()
        if self.starts_at and not FIRST_YEAR <= self.starts_at.astimezone(UTC).year <= LAST_YEAR:
            words = _("The year lies outside %(first)d to %(last)d.")
            raise ValidationError(
                {"starts_at": ValidationError(words, params={"first": FIRST_YEAR, "last": LAST_YEAR})}
            )
        try:
            passages(self.transcript)
        except TranscriptError as error:
            raise ValidationError({"transcript": str(error)}) from error

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._end()
        super().save(*args, **kwargs)

    def _end(self) -> None:
        if self.starts_at and isinstance(self.duration_minutes, int) and 0 < self.duration_minutes <= LONGEST:
            self.ends_at = self.starts_at + timedelta(minutes=self.duration_minutes)

    # Reading ---------------------------------------------------------------------------------

    def get_kind(self) -> str:
        """Webinar, meeting or training."""
        return self.event_kind

    @property
    def passages(self) -> list[Passage]:
        """The transcript, cut at its marks."""
        return passages(self.transcript)

    def span(self, zone: str) -> Span:
        """Beginning and end by the clocks of a zone."""
        return Span.of(self.starts_at, self.ends_at, zone)

    def is_over(self, now: datetime | None = None) -> bool:
        """Whether it has ended."""
        return self.ends_at <= (now or timezone.now())

    def is_on(self, now: datetime | None = None) -> bool:
        """Whether it goes on at this moment."""
        return self.starts_at <= (now or timezone.now()) < self.ends_at

    @property
    def has_afterwards(self) -> str:
        """What there is to read or hear of it, in words for a list; empty when there is nothing."""
        recorded = bool(self.recording or self.recording_url or self.recording_file_id)
        if recorded and self.transcript:
            return now_("Recording and transcript")
        if recorded:
            return now_("Recording")
        if self.transcript:
            return now_("Transcript")
        return now_("Written summary") if self.afterwards else ""

    def entry(self, zone: str) -> dict[str, Any]:
        """The arguments of ``components/event.html``, for somebody who may open the event.

        Args:
            zone: The visitor's time zone; the host's time is given beside it where it is another.
        """
        yours, theirs = self.span(zone), self.span(self.time_zone)
        same = yours.is_as(theirs)
        return {
            "title": self.title,
            "url": self.url,
            "language": self.language,
            "starts": self.starts_at,
            "ends": self.ends_at,
            "zone": "" if same else self.time_zone,
            "place": "" if same else theirs.place,
            "kind": self.get_event_kind_display(),
            "audience": self.shown_audience,
            "group": self.working_group.name_here if self.working_group else "",
            "summary": self.summary,
            "note": self.has_afterwards if self.is_over() else "",
        }

    def join_link_for(self, viewer: Viewer) -> str:
        """The link for joining: for people who are signed in and may read the page, until it is over."""
        may = viewer.signed_in and can_see(viewer, self) and not self.is_over()
        return self.join_link if may else ""

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """As the page's, with times in the visitor's and the host's zone and what this visitor may have."""
        context = super().get_context(request, *args, **kwargs)
        viewer = context["viewer"]
        yours, theirs = self.span(zone_of(request)), self.span(self.time_zone)
        recording_file = self.recording_file if self.recording_file_id else None
        return {
            **context,
            "yours": yours,
            "theirs": None if yours.is_as(theirs) else theirs,
            "is_over": self.is_over(),
            "is_on": self.is_on(),
            "speakers": list(self.speakers.all()),
            "join_link": self.join_link_for(viewer),
            "recording_file": recording_file if recording_file and can_see(viewer, recording_file) else None,
            "transcript": self.passages,
            "topics": topic_links(self),
            "files": files_for(self, viewer),
        }

    def cited(self) -> dict[str, Any]:
        """Who spoke, and when; to be cited once it can be heard or read again."""
        return {
            "authors": "; ".join(speaker.name for speaker in self.speakers.all()),
            "day": self.starts_at.date(),
            "is_citable": self.is_over() and bool(self.has_afterwards),
        }

    # Searching -------------------------------------------------------------------------------

    def search_author(self) -> str:
        """The speakers."""
        return "\n".join(speaker.name for speaker in self.speakers.all())

    def search_places(self) -> Iterable[Place]:
        """The text with its sections and speakers, then each minute of the transcript that is spoken in."""
        top, *sections = super().search_places()
        speakers = [f"{speaker.name}, {speaker.role}" for speaker in self.speakers.all()]
        texts = [*speakers, top.text, *(get_text_for_indexing(text) for text in (self.poor_line, self.afterwards))]
        yield Place(" ".join(text for text in [*texts, self.recording] if text))
        yield from sections
        try:
            minutes = by_minute(self.passages)
        except TranscriptError:
            # A draft may hold marks that cannot be followed; it is refused when it is published.
            minutes = []
        with translation.override(self.language if self.locale_id else settings.LANGUAGE_CODE):
            labels = [now_("at %(minute)d min") % {"minute": group[0].minute} for group in minutes]
        for group, label in zip(minutes, labels, strict=True):
            yield Place(" ".join(passage.text for passage in group), anchor=f"#{group[0].anchor}", label=label)

    def search_facets(self) -> dict[str, list[str]]:
        """As every page's, with setting, stage, form of extremism and region."""
        return {**super().search_facets(), **self.context_facets()}


class EventSpeaker(Orderable):
    """Somebody who speaks, under the name he or she wants to be announced with."""

    page = ParentalKey(EventPage, on_delete=models.CASCADE, related_name="speakers")
    name = models.CharField(_("name"), max_length=120, help_text=_("As he or she wants to be announced."))
    role = models.CharField(_("role"), max_length=200, blank=True, help_text=_("What he or she does, in a few words."))

    panels = [FieldRowPanel([FieldPanel("name"), FieldPanel("role")])]

    class Meta(Orderable.Meta):
        verbose_name = _("speaker")
        verbose_name_plural = _("speakers")

    def __str__(self) -> str:
        return self.name
