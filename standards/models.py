"""Standards and their clauses: what members hold themselves to, each sentence with an address of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Case, Q, Value, When
from django.http import HttpRequest
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Orderable, PageManager
from wagtail.rich_text import expand_db_html, get_text_for_indexing

from core.access import Viewer, can_see
from core.models import HubPage, HubPageQuerySet, Place, PracticeContext, SectionIndexPage, WithBody, active_languages
from core.reading import without_block_keys
from core.showing import topic_links
from standards.forms import StandardPageForm
from standards.listing import entries_of

NUMBER = re.compile(r"S[1-9][0-9]?")
CLAUSE_ID = re.compile(r"(S[1-9][0-9]?)\.([1-9][0-9]{0,2})")
LINE = ["bold", "italic", "link"]
TEXT = [*LINE, "document-link", "ol", "ul"]
APART = "\x1e"  # the record separator of ASCII; nothing that is typed holds it


class Status(models.TextChoices):
    DRAFT = "draft", _("Draft")
    CONSULTATION = "consultation", _("Draft for consultation")
    ADOPTED = "adopted", _("Adopted")
    SUPERSEDED = "superseded", _("Superseded")


# Of several editions with one number, the one that is meant.
FIRST = [Status.ADOPTED, Status.CONSULTATION, Status.DRAFT, Status.SUPERSEDED]


class StandardPageQuerySet(HubPageQuerySet):
    """Lists of standards."""

    def in_order(self) -> StandardPageQuerySet:
        """By number, S2 before S10; of one number the adopted edition first."""
        return self.annotate(
            digits=models.functions.Length("number"),
            place=Case(*(When(status=status, then=Value(place)) for place, status in enumerate(FIRST))),
        ).order_by("digits", "number", "place", "-published_on", "pk")


StandardPageManager = PageManager.from_queryset(StandardPageQuerySet)


class StandardIndexPage(SectionIndexPage):
    """All standards of the network."""

    parent_page_types: ClassVar[list[str]] = ["hub.HomePage"]
    subpage_types: ClassVar[list[str]] = ["standards.StandardPage"]
    max_count_per_parent = 1
    is_creatable = True

    class Meta:
        verbose_name = _("standards section")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The standards this visitor may list, those in force apart from those that are no more."""
        context = super().get_context(request, *args, **kwargs)
        viewer = context["viewer"]
        entries = entries_of(self.listed(StandardPage, viewer).in_order(), viewer)
        return {
            **context,
            "standards": [entry for entry in entries if not entry.is_superseded],
            "superseded": [entry for entry in entries if entry.is_superseded],
        }


class StandardPage(WithBody, PracticeContext, HubPage):
    """One standard: an introduction and its clauses, in one edition."""

    kind_code = "standard"
    in_library = True

    number = models.CharField(
        _("number"),
        max_length=3,
        validators=[RegexValidator(rf"^{NUMBER.pattern}\Z", _("Write it as S and a number, such as S6."))],
        help_text=_("Such as S6. Its clauses are S6.1, S6.2 and so on."),
    )
    edition = models.CharField(_("edition"), max_length=60, help_text=_("Such as “Draft 2” or “Edition 1, May 2027”."))
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.DRAFT)
    last_number = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[Any] = StandardPageManager()

    parent_page_types: ClassVar[list[str]] = ["standards.StandardIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    is_creatable = True
    base_form_class = StandardPageForm

    content_panels = [
        *HubPage.content_panels,
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("number"), FieldPanel("edition"), FieldPanel("status")])],
            heading=_("Which standard"),
        ),
        FieldPanel("body", heading=_("Introduction")),
        InlinePanel("clauses", heading=_("Clauses"), label=_("Clause")),
        *PracticeContext.context_panels,
    ]

    class Meta:
        verbose_name = _("standard")
        verbose_name_plural = _("standards")
        indexes = [models.Index(fields=["number"], name="standards_by_number")]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="standards_status_known"),
        ]

    # Writing ---------------------------------------------------------------------------------

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        """As Wagtail's. A copy of an adopted standard is the draft of its next edition."""
        is_copy = self._state.adding and bool(self.standing_key)
        if is_copy and self._rivals().exists():
            self.status = Status.DRAFT
        super().full_clean(*args, **kwargs)

    def clean(self) -> None:
        """Refuse a second standard of one number that is adopted, or open for consultation, in one language."""
        super().clean()
        if self._rivals().exists():
            words = _("Another standard with the number %(number)s has this status. Change its status first.")
            raise ValidationError({"status": ValidationError(words, params={"number": self.number})})

    def _rivals(self) -> StandardPageQuerySet:
        """Other standards that say of themselves that they are the one with this number and status."""
        if self.status not in (Status.ADOPTED, Status.CONSULTATION):
            return StandardPage.objects.none()
        return StandardPage.objects.filter(
            number=self.number, status=self.status, locale=self.locale_id, alias_of=None
        ).exclude(translation_key=self.translation_key)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As every page's. The highest number a clause ever had never falls, whatever an old revision says."""
        self.last_number = self.highest_number()
        super().save(*args, **kwargs)

    def highest_number(self) -> int:
        """The highest number that a clause of this standard has or had; 0 before the first."""
        stored = (
            StandardPage.objects.filter(pk=self.pk).values_list("last_number", flat=True).first() if self.pk else None
        )
        return max([stored or 0, self.last_number, *(clause.number or 0 for clause in self.clauses.all())])

    def keep_highest_number(self) -> None:
        """Write the highest number down at once, also while the clauses are only in a draft."""
        if self.pk:
            StandardPage.objects.filter(pk=self.pk, last_number__lt=self.last_number).update(
                last_number=self.last_number
            )

    # Reading ---------------------------------------------------------------------------------

    @property
    def status_sign(self) -> str:
        """How the status is marked beside its words: good, care, or not at all."""
        return {Status.ADOPTED: "good", Status.SUPERSEDED: "care"}.get(Status(self.status), "")

    def cited(self) -> dict[str, Any]:
        """The edition it says it is."""
        return {"edition": f"{self.number}, {self.edition}"}

    def frozen_body(self) -> list[Any]:
        """The introduction, then each clause under its number, with its guidance below."""
        blocks = super().frozen_body()
        for clause in self.clauses.all():
            name = f"{self.number}.{clause.number}"
            blocks.append({"type": "heading", "value": {"level": "2", "text": name, "anchor": name.replace(".", "-")}})
            blocks += [{"type": "paragraph", "value": text} for text in (clause.text, clause.guidance) if text]
        return blocks

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """As the page's, with the clauses as this visitor may read them."""
        context = super().get_context(request, *args, **kwargs)
        return {**context, "clauses": self.clauses_for(context["viewer"]), "topics": topic_links(self)}

    def clauses_for(self, viewer: Viewer) -> list[dict[str, Any]]:
        """The arguments of ``components/clause.html``, with what each rests on as far as this viewer may open it."""
        clauses = list(self.clauses.all())
        sources = sources_of(clauses, viewer)
        texts = [part for clause in clauses for part in (clause.text, clause.guidance)]
        shown = expanded(texts)
        return [
            {
                "id": f"{self.number}.{clause.number}",
                "html": shown[2 * place],
                "guidance": shown[2 * place + 1] if clause.guidance else "",
                "scope": clause.scope,
                "context": clause.context,
                "rests_on": [(page.title, page.url) for page in sources[place]],
            }
            for place, clause in enumerate(clauses)
        ]

    # Searching -------------------------------------------------------------------------------

    def search_places(self) -> Iterable[Place]:
        """The introduction with its sections, then each clause at its anchor; its id is among its words."""
        top, *sections = super().search_places()
        yield Place(" ".join(part for part in (self.number, self.edition, top.text) if part))
        yield from sections
        with translation.override(self.language if self.locale_id else settings.LANGUAGE_CODE):
            labels = [
                (clause, now_("clause %(id)s") % {"id": f"{self.number}.{clause.number}"})
                for clause in self.clauses.all()
            ]
        for clause, label in labels:
            name = f"{self.number}.{clause.number}"
            words = [get_text_for_indexing(text) for text in (clause.text, clause.guidance) if text]
            yield Place(" ".join([name, *words, clause.context]).strip(), anchor=f"#{name}", label=label)

    def search_facets(self) -> dict[str, list[str]]:
        """As every page's, with setting, stage, form of extremism and region."""
        return {**super().search_facets(), **self.context_facets()}


class Clause(ClusterableModel, Orderable):
    """One sentence of a standard that can be cited, kept and measured. Its number is for good."""

    class Scope(models.TextChoices):
        UNIVERSAL = "universal", _("Universal")
        CONTEXT = "context", _("For one context")

    page = ParentalKey(StandardPage, on_delete=models.CASCADE, related_name="clauses")
    number = models.PositiveIntegerField(
        _("number"),
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Leave it empty: a new clause gets the next number. It never changes and is never given again."),
    )
    text = RichTextField(_("clause"), features=LINE)
    guidance = RichTextField(_("guidance"), blank=True, features=TEXT, help_text=_("How it can be done. Folded below."))
    scope = models.CharField(_("scope"), max_length=16, choices=Scope, default=Scope.UNIVERSAL)
    context = models.CharField(
        _("context"), max_length=120, blank=True, help_text=_("For which context, such as “Custody” or “East Africa”.")
    )

    panels = [
        FieldRowPanel([FieldPanel("number"), FieldPanel("scope"), FieldPanel("context")]),
        FieldPanel("text"),
        FieldPanel("guidance"),
        InlinePanel("rests_on", heading=_("Rests on"), label=_("Page")),
    ]

    class Meta(Orderable.Meta):
        verbose_name = _("clause")
        verbose_name_plural = _("clauses")
        constraints = [
            models.UniqueConstraint(fields=["page", "number"], name="standards_clause_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="standards_clause_number_from_one"),
            models.CheckConstraint(
                condition=Q(scope__in=["universal", "context"]), name="standards_clause_scope_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.page.number}.{self.number}"

    def clean(self) -> None:
        super().clean()
        if self.scope == self.Scope.CONTEXT and not self.context.strip():
            raise ValidationError({"context": _("Say for which context.")})
        if self.scope == self.Scope.UNIVERSAL and self.context.strip():
            raise ValidationError({"scope": _("A universal clause has no context.")})


class ClauseSource(Orderable):
    """Something in the library that a clause rests on."""

    clause = ParentalKey(Clause, on_delete=models.CASCADE, related_name="rests_on")
    page = models.ForeignKey(HubPage, verbose_name=_("page"), on_delete=models.CASCADE, related_name="+")

    panels = [FieldPanel("page")]

    class Meta(Orderable.Meta):
        verbose_name = _("source")
        verbose_name_plural = _("sources")

    def __str__(self) -> str:
        return str(self.page_id)


# Reading clauses -----------------------------------------------------------------------------------


def expanded(texts: Sequence[str]) -> list[SafeString]:
    """Rich texts as they are shown; their links are looked up together, not text by text."""
    if not texts:
        return []
    html = expand_db_html(APART.join(without_block_keys(text.replace(APART, " ")) for text in texts))
    return [mark_safe(part) for part in html.split(APART)]


def sources_of(clauses: Sequence[Clause], viewer: Viewer) -> list[list[HubPage]]:
    """For each clause the pages it rests on, in order, in the reader's language, as far as the viewer may open them.

    One query, and a second one only where a page is in another language than the standard.
    """
    stored = [clause for clause in clauses if clause.pk]
    models.prefetch_related_objects(
        stored, models.Prefetch("rests_on", queryset=ClauseSource.objects.select_related("page"))
    )
    named = [[source.page for source in clause.rests_on.all()] for clause in clauses]
    pages = {page.translation_key: page for row in named for page in row if page.live and can_see(viewer, page)}
    home = clauses[0].page.locale_id if clauses else None
    foreign = {page.translation_key for row in named for page in row if page.locale_id != home}
    if foreign:
        visible = HubPage.objects.visible_to(viewer).filter(translation_key__in=foreign)
        pages |= {page.translation_key: page for page in visible.in_best_language(*active_languages())}
    return [[pages[page.translation_key] for page in row if page.translation_key in pages] for row in named]


def find_clauses(ids: Iterable[str], viewer: Viewer) -> dict[str, tuple[StandardPage, str]]:
    """Page and anchor of clauses by their ids, such as ``S2.4``, as far as the viewer may open them.

    Of several editions and languages with the clause, the adopted one and the reader's language are taken.
    An id that does not exist, or belongs to a standard the viewer may not open, is not in the answer.
    One query however many are asked for.
    """
    asked = {(found[1], int(found[2])): found[0] for name in ids if (found := CLAUSE_ID.fullmatch(name))}
    if not asked:
        return {}
    languages = active_languages()

    def rank(page: StandardPage) -> tuple[int, int]:
        place = languages.index(page.language) if page.language in languages else len(languages)
        return FIRST.index(Status(page.status)), place

    standards = StandardPage.objects.visible_to(viewer).filter(
        number__in={number for number, _place in asked}, alias_of=None
    )
    found = Clause.objects.filter(page__in=standards, number__in={place for _number, place in asked})
    best: dict[str, tuple[StandardPage, str]] = {}
    for clause in found.select_related("page__locale").defer("page__body", "text", "guidance").order_by("page_id"):
        name = asked.get((clause.page.number, clause.number))
        if name and (name not in best or rank(clause.page) < rank(best[name][0])):
            best[name] = (clause.page, name)
    return best


def clause_url(name: str, viewer: Viewer) -> str | None:
    """The address of one clause, such as ``S2.4``; None where this viewer has none."""
    page, anchor = find_clauses([name], viewer).get(name, (None, ""))
    return f"{page.url}#{anchor}" if page else None
