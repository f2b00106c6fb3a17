"""HubPage: the one table for every page, and the gate each of them stands behind."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, cast

from csp.constants import SELF
from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.forms import Select
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, get_language_from_path
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.models import Orderable, Page, PageManager, Site
from wagtail.query import PageQuerySet
from wagtail.search import index
from wagtail.utils.decorators import cached_classmethod

from core import filetexts, lines
from core.access import (
    NOBODY,
    PUBLIC,
    Audience,
    Viewer,
    audience_of,
    can_see,
    fold,
    own_key,
    viewer_of,
    visible,
)
from core.desk import PagePermissions
from core.editor import Counted, TopicChooser, tabs_of
from core.forms import HubPageForm
from core.models.gated import Gated
from core.models.generation import Generation
from core.models.topics import KeywordOfPage, TopicOfPage
from core.reading import WORD, minutes_for
from members.models import User
from members.standing import standing_of
from search.elsewhere import cut, is_elsewhere
from search.entries import Entry

logger = logging.getLogger(__name__)

# Only core.audience.set_audience and core.lines.recompute write these columns of an existing row.
ACCESS_COLUMNS = (
    "audience",
    "working_group_id",
    "teaser",
    "access_key",
    "standing_key",
    "teaser_listed",
)
# Columns on which the derived ones depend.
LINE_COLUMNS = {"live", "alias_of", "alias_of_id", "path"}


class HubPageQuerySet(PageQuerySet):
    """Lists of pages. Whatever a person is shown starts with ``visible_to`` or ``listed_for``."""

    def visible_to(self, viewer: Viewer) -> HubPageQuerySet:
        """Live pages this viewer may open."""
        return self.live().filter(visible(viewer))

    def listed_for(self, viewer: Viewer) -> HubPageQuerySet:
        """Live pages this viewer may open, and those whose title and summary are shown to all."""
        return self.live().filter(visible(viewer) | Q(teaser_listed=True))

    def newest_first(self) -> HubPageQuerySet:
        """In the order of lists; one index serves the order and the filter on access."""
        return self.order_by("-published_on", "-pk")

    def in_best_language(self, *languages: str) -> HubPageQuerySet:
        """One page per item: the version in the first of these languages that is in this list.

        Versions in languages that are not named come last. Aliases are no versions.
        """
        preferred = [*dict.fromkeys([*languages, settings.LANGUAGE_CODE])]
        rank = Case(
            *(When(locale__language_code=code, then=Value(place)) for place, code in enumerate(preferred)),
            default=Value(len(preferred)),
            output_field=models.IntegerField(),
        )
        versions = self.filter(alias_of=None).order_by().annotate(rank=rank)
        better = versions.filter(translation_key=OuterRef("translation_key")).filter(
            Q(rank__lt=OuterRef("rank")) | Q(rank=OuterRef("rank"), pk__lt=OuterRef("pk"))
        )
        return self.filter(alias_of=None).annotate(rank=rank).filter(~Exists(better))

    def for_cards(self) -> HubPageQuerySet:
        """With all that one entry in a list shows, in no further query per entry."""
        return self.select_related("locale", "working_group")

    def update(self, **values: Any) -> int:
        """As Django's, but never of a column that says who may read."""
        refused = {name.removesuffix("_id") for name in ACCESS_COLUMNS} & {name.removesuffix("_id") for name in values}
        if refused:
            raise ValueError(f"Use core.audience.set_audience to change {sorted(refused)}")
        if not LINE_COLUMNS & set(values):
            return super().update(**values)
        with transaction.atomic(using=self.db):
            lines.lock()
            paths = list(self.values_list("path", flat=True))
            count = super().update(**values)
            lines.recompute(paths)
        return count

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_update(self, objs: Iterable[Any], fields: Sequence[str], *args: Any, **kw: Any) -> int:
        """As Django's, but never of a column that says who may read, or on which that depends."""
        refused = {*ACCESS_COLUMNS, "working_group", *LINE_COLUMNS} & set(fields)
        if refused:
            raise ValueError(f"Use core.audience.set_audience to change {sorted(refused)}")
        return super().bulk_update(objs, fields, *args, **kw)

    bulk_update.alters_data = True  # type: ignore[attr-defined]


HubPageManager = PageManager.from_queryset(HubPageQuerySet)


@dataclass(frozen=True)
class Place:
    """A part of a page that search can send a reader to, such as a headed section."""

    text: str
    anchor: str = ""
    label: str = ""


class HubPage(Gated, Page):
    """Any page of the hub but the root. What it is for is said by its subclass."""

    kind_code: ClassVar[str] = "page"
    in_library: ClassVar[bool] = False
    cited_with: ClassVar[tuple[str, ...]] = ()
    """What ``cited`` reads beside the page's own columns, to be read for many pages at once."""

    teaser = models.BooleanField(
        _("show title and summary to everyone"),
        default=False,
        help_text=_(
            "People who may not open the page then see that it exists and who may read it. "
            "Not for pages of a working group's own."
        ),
    )
    standing_key = models.CharField(max_length=32, default="", blank=True, editable=False)
    teaser_listed = models.BooleanField(default=False, editable=False)

    summary = models.TextField(
        _("summary"),
        max_length=500,
        blank=True,
        help_text=_("Two or three sentences, up to 500 characters."),
    )
    topics = ClusterTaggableManager(through=TopicOfPage, blank=True, verbose_name=_("topics"), related_name="pages")
    keywords = ClusterTaggableManager(
        through=KeywordOfPage, blank=True, verbose_name=_("keywords"), related_name="pages"
    )
    kind = models.CharField(max_length=16, default="page", editable=False)
    reading_minutes = models.PositiveIntegerField(default=0, editable=False)
    review_by = models.DateField(_("review by"), null=True, blank=True)
    published_on = models.DateTimeField(_("published on"), null=True, blank=True)

    objects = HubPageManager()

    base_form_class = HubPageForm
    private_page_options: ClassVar[list[str]] = []  # Wagtail's privacy dialog is not our rule
    parent_page_types: ClassVar[list[str]] = []
    is_creatable = False

    content_panels = [*Page.content_panels, FieldPanel("summary", widget=Counted)]
    promote_panels = [
        MultiFieldPanel(
            [
                FieldPanel("topics", widget=TopicChooser, help_text=_("What it is about, as readers filter by it.")),
                FieldPanel("keywords", help_text=_("Further words it should be found by, with commas between.")),
            ],
            heading=_("Subject"),
        ),
        InlinePanel("files", heading=_("Files"), label=_("File")),
    ]
    settings_panels = [
        MultiFieldPanel(
            [FieldPanel("audience"), FieldPanel("working_group", widget=Select), FieldPanel("teaser")],
            heading=_("Who may read"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("review_by", help_text=_("When somebody should look whether it still holds.")),
                FieldPanel(
                    "published_on", help_text=_("Left empty, it is the moment at which the page first goes live.")
                ),
            ],
            heading=_("Dates"),
        ),
        *Page.settings_panels,
        MultiFieldPanel([FieldPanel("slug")], heading=_("Address")),
    ]

    search_fields = [
        *Page.search_fields,
        index.SearchField("summary"),
        index.FilterField("access_key"),
        index.FilterField("teaser_listed"),
        index.FilterField("kind"),
        index.FilterField("published_on"),
        index.SearchField("whole_text"),
    ]

    class Meta(Gated.Meta):
        indexes = [models.Index(fields=["-published_on", "-page_ptr", "access_key"], name="core_hubpage_lists")]
        constraints = [
            *Gated.Meta.constraints,
            models.CheckConstraint(
                condition=Q(teaser_listed=False) | Q(teaser=True, access_key__in=["members", "full"]),
                name="core_hubpage_teaser_allowed",
            ),
        ]

    @cached_classmethod
    def get_edit_handler(cls) -> Any:
        """The tabs of the editor, in the order in which one thinks."""
        return tabs_of(cls).bind_to_model(cls)

    # Writing ---------------------------------------------------------------------------------

    def add_child(self, **kwargs: Any) -> Page:
        """As treebeard's, with the tree's lock taken before the parent's."""
        with transaction.atomic():
            lines.lock()
            return super().add_child(**kwargs)

    def move(self, *args: Any, **kwargs: Any) -> None:
        """As Wagtail's, all of it under the tree's lock: what is kept closed before, and what is worked out after."""
        with transaction.atomic():
            lines.lock()
            super().move(*args, **kwargs)

    move.alters_data = True  # type: ignore[attr-defined]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As Wagtail's. An existing row keeps who may read it, whatever the object says."""
        with transaction.atomic():
            lines.lock()
            row = self._row() if self.pk else None
            if row is None:
                self._enter()
            else:
                self._keep(row)
            self._describe(kwargs.get("update_fields"))
            super().save(*args, **kwargs)
            if row is not None and self._line_changed(row, kwargs.get("update_fields")):
                lines.recompute([self.path])
                self._take(self._row())
            Generation.raise_it()

    def with_content_json(self, content: Any) -> Any:
        """As Wagtail's, but who may read is the row's and never a revision's."""
        page = super().with_content_json(content)
        page._take({name: getattr(self, name) for name in ACCESS_COLUMNS})
        return page

    def can_move_to(self, parent: Page) -> bool:
        """As Wagtail's, and never into the section of a second working group."""
        above = getattr(parent.specific, "standing_key", PUBLIC) if super().can_move_to(parent) else NOBODY
        return above != NOBODY and (self.standing_key == NOBODY or fold(self.standing_key, above) != NOBODY)

    def permissions_for_user(self, user: Any) -> PagePermissions:
        """What a person may do with the page in the admin; see ``core.desk``."""
        return PagePermissions(user, self)

    def _row(self) -> dict[str, Any] | None:
        columns = (*ACCESS_COLUMNS, "live", "alias_of_id")
        return models.QuerySet(HubPage).filter(pk=self.pk).values(*columns).first()

    def _take(self, row: Any) -> None:
        for name in ACCESS_COLUMNS:
            setattr(self, name, row[name])

    def _keep(self, row: dict[str, Any]) -> None:
        if row["alias_of_id"] and not self.alias_of_id:
            # It stops being an alias: what its source demanded becomes its own.
            row["audience"], row["working_group_id"] = self._closed_as(row["standing_key"], row["working_group_id"])
            models.QuerySet(HubPage).filter(pk=self.pk).update(
                audience=row["audience"],
                working_group=row["working_group_id"],
                access_key=NOBODY,
                teaser_listed=False,
            )
            row["access_key"], row["teaser_listed"] = NOBODY, False
        self._take(row)

    def _enter(self) -> None:
        """Fill the derived columns of a new row.

        A copy, alias or translation arrives with its source's ``standing_key`` and makes it its own
        audience, so that it is never looser than what it was made of.
        """
        state = lines.state_above(self.path)
        if self.standing_key:
            key = fold(self.standing_key, own_key(self.audience, self.working_group_id))
            self.audience, self.working_group_id = self._closed_as(key, self.working_group_id)
        if self.working_group_id is None:
            self.working_group_id = self._section_group()
        derived = lines.Row.of(self).derived(state)
        self.standing_key = derived.standing_key
        self.access_key = derived.access_key
        self.teaser_listed = derived.teaser_listed

    @staticmethod
    def _closed_as(key: str, owner: int | None) -> tuple[str, int | None]:
        """The audience and group whose own key is this one; the owner stays where no group reads."""
        audience, group = audience_of(key)
        return audience, (group if audience in (Audience.GROUP, Audience.GROUP_FULL) else owner)

    def _section_group(self) -> int | None:
        """The working group of the nearest ancestor that has one."""
        paths = [self.path[:n] for n in range(lines.STEP, len(self.path), lines.STEP)]
        return (
            models.QuerySet(HubPage)
            .filter(path__in=paths, working_group__isnull=False)
            .order_by("-depth")
            .values_list("working_group", flat=True)
            .first()
        )

    def _line_changed(self, row: dict[str, Any], fields: Any) -> bool:
        written = LINE_COLUMNS if fields is None else LINE_COLUMNS & set(fields)
        return bool(written) and (
            row["live"] != self.live or row["alias_of_id"] != self.alias_of_id or row["access_key"] == NOBODY
        )

    def _describe(self, fields: Any) -> None:
        """Fill what lists need from what the page holds."""
        if fields is not None:
            return
        self.kind = self.get_kind()
        words = sum(len(WORD.findall(place.text)) for place in self.search_places())
        self.reading_minutes = minutes_for(words)
        if self.live and self.published_on is None:
            # To the minute, as the editor shows it: saved again unchanged, it is no change for whoever reads a review.
            self.published_on = (self.first_published_at or timezone.now()).replace(second=0, microsecond=0)

    # Reading ---------------------------------------------------------------------------------

    @classmethod
    def at(cls, path: str, **more: Any) -> HubPage | None:
        """The page at a path such as ``/de/library/``, whoever may see it; one query at any depth.

        Args:
            more: What else to read with it, as for ``annotate``.
        """
        language = get_language_from_path(path) or settings.LANGUAGE_CODE
        below = path.removeprefix(f"/{language}/") if language != settings.LANGUAGE_CODE else path
        below = below.strip("/")
        for _site, root_path, _root_url, code in Site.get_site_root_paths():
            if code == language:
                url_path = f"{root_path}{below}/" if below else root_path
                page: HubPage | None = cls.objects.for_cards().annotate(**more).filter(url_path=url_path).first()
                return page
        return None

    def get_url(self, request: Any = None, current_site: Any = None) -> str | None:
        """The page's address on the hub's one site; no query once the site's root is cached."""
        parts = self.get_url_parts(request=request)
        return parts[2] if parts else None

    url = property(get_url)

    def get_kind(self) -> str:
        """The code of the kind shown in lists and facets."""
        return self.kind_code

    @cached_property
    def line(self) -> list[HubPage]:
        """The ancestors from the home page down, in one query. For the rule, not for showing."""
        if not self.path:
            return []
        paths = [self.path[:n] for n in range(lines.STEP, len(self.path), lines.STEP)]
        return list(
            HubPage.objects.filter(path__in=paths).select_related("alias_of__hubpage", "locale").order_by("path")
        )

    def ancestors_for(self, viewer: Viewer) -> list[HubPage]:
        """The pages above this one, below the home page, that the viewer may open."""
        return [page for page in self.line[1:] if page.live and can_see(viewer, page)]

    def children_for(self, viewer: Viewer) -> HubPageQuerySet:
        """The pages directly below that the viewer may open, in the order of the tree."""
        return HubPage.objects.child_of(self).visible_to(viewer).order_by("path")

    def descendants_for(self, viewer: Viewer) -> HubPageQuerySet:
        """All pages below that the viewer may open, in the order of the tree."""
        below = lines.subtree(self.path, inclusive=False)
        return HubPage.objects.filter(below).visible_to(viewer).order_by("path")

    def versions_for(self, viewer: Viewer) -> HubPageQuerySet:
        """The same item in other languages, as far as the viewer may open them."""
        return (
            HubPage.objects.filter(translation_key=self.translation_key)
            .exclude(pk=self.pk)
            .visible_to(viewer)
            .select_related("locale")
            .order_by("locale_id")
        )

    @property
    def shown_audience(self) -> str:
        """The audience that the access key amounts to, for the sign readers see."""
        return "nobody" if self.access_key == NOBODY else audience_of(self.access_key)[0]

    @property
    def language(self) -> str:
        """The language code of the page."""
        return self.locale.language_code

    def cited(self) -> dict[str, Any]:
        """What a citation says of it beside title, owner and date (``core.citing``). Subclasses say theirs."""
        return {}

    def frozen_body(self) -> list[Any]:
        """Its text as an edition keeps it: stored blocks of ``core.blocks.BodyBlock``. Subclasses say theirs."""
        return []

    @property
    def is_past_review(self) -> bool:
        """Whether the date to review it by has gone by."""
        return self.review_by is not None and self.review_by < timezone.now().date()

    # Serving ---------------------------------------------------------------------------------

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The gate: the page for those who may open it, its teaser where it has one, else 404."""
        viewer = viewer_of(request)
        now = self._derived_now()
        key = fold(self.access_key, now.access_key)
        if self.live and (viewer.sees_all or key in viewer.keys):
            request.is_preview = False  # type: ignore[attr-defined]  # as Wagtail does
            return super().serve(request, *args, **kwargs)
        if self.live and self.teaser_listed and now.teaser_listed:
            return self._refuse(request, viewer)
        raise Http404

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """A draft, for those who may edit it. Wagtail's previews do not pass ``serve``."""
        user = getattr(request, "user", None)
        may = user is not None and user.has_perm("wagtailadmin.access_admin")
        if may and self.pk:
            may = self.permissions_for_user(user).can_edit()
        if not may:
            raise Http404
        response = super().serve_preview(request, mode_name)
        # The editor shows it in a frame; pages themselves stand in none.
        response._csp_replace = {"frame-ancestors": [SELF]}
        return response

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """As Wagtail's, with the viewer, the way here, and the item's other languages."""
        viewer = viewer_of(request)
        versions = list(self.versions_for(viewer)) if self.pk else []
        # For the language switch in the frame around the page.
        request.version_urls = {version.language: version.url for version in versions}  # type: ignore[attr-defined]
        return {
            **super().get_context(request, *args, **kwargs),
            "viewer": viewer,
            "breadcrumbs": self.ancestors_for(viewer),
            "versions": versions,
        }

    def _derived_now(self) -> lines.Derived:
        state = lines.State()
        for page in self.line:
            state = state.below(lines.Row.of(page))
        derived = lines.Row.of(self).derived(state)
        if derived.access_key != self.access_key:
            logger.error(
                "Page %s holds access key %s, its line says %s",
                self.pk,
                self.access_key,
                derived.access_key,
            )
        return derived

    def _refuse(self, request: HttpRequest, viewer: Viewer) -> HttpResponse:
        """What a closed page with a teaser says: title, summary, who may read, and how to get in."""
        context = {
            "title": self.title,
            "summary": self.summary,
            "kind": self.kind,
            "audience": self.shown_audience,
            "viewer": viewer,
        }
        if not viewer.signed_in:
            return TemplateResponse(request, "core/teaser.html", context)
        standing = standing_of(cast(User, request.user))
        if standing.is_member and standing.tier:
            context["you_are"] = _("Your membership is: %(tier)s.") % {"tier": standing.tier}
            context["what_to_do"] = _(
                "If you do exit or disengagement work yourself, you can change to full membership: "
                "write to the secretariat."
            )
        else:
            context["you_are"] = _("You are not a member at the moment.")
            context["what_to_do"] = _("Renew your membership, and this page opens at once.")
            context["action_url"] = reverse("account")
            context["action_label"] = _("Renew your membership")
        return TemplateResponse(request, "403.html", context, status=403)

    # Searching -------------------------------------------------------------------------------

    def search_places(self) -> Iterable[Place]:
        """The parts of the page that can be found, the top first. Subclasses say theirs."""
        yield Place(self.summary)

    @classmethod
    def get_search_fields(cls) -> list[Any]:
        """As modelsearch's, each text once: our own index has the places, another engine ``whole_text`` in their stead.

        Title and summary stand alone there too, since of a teaser they are all that is searched.
        """
        fields: list[Any] = super().get_search_fields()
        if not is_elsewhere():
            return [field for field in fields if field.field_name != "whole_text"]
        kept = ("title", "summary", "whole_text")
        return [field for field in fields if not isinstance(field, index.SearchField) or field.field_name in kept]

    def whole_text(self) -> str:
        """All that can be found of the page but title and summary, for an engine that holds one row for each page."""
        topics = [of.tag for of in self.topics_of_page.select_related("tag__parent")]
        about = [name for topic in topics for name in (topic.name, topic.name_de, topic.name_fr, topic.name_ar) if name]
        about += [of.tag.name for of in self.keywords_of_page.select_related("tag")]
        places = [part for place in self.search_places() for part in (place.label, place.text) if part]
        return cut("\n".join([*about, *places]))

    def search_author(self) -> str:
        """Names that ``author:`` finds. Subclasses say theirs."""
        return ""

    def search_facets(self) -> dict[str, list[str]]:
        """Codes by facet name. Subclasses add theirs."""
        topics = [of.tag for of in self.topics_of_page.select_related("tag__parent")]
        return {
            **self._open_facets(),
            "topic": sorted({t.slug for t in topics} | {t.parent.slug for t in topics if t.parent}),
            "keyword": sorted(of.tag.slug for of in self.keywords_of_page.select_related("tag")),
            "year": [str(self.published_on.year)] if self.published_on else [],
            "group": [self.working_group.slug] if self.working_group else [],
        }

    def search_entries(self) -> Iterator[Entry]:
        """What the index holds of the page; nothing of drafts and aliases."""
        if not self.live or self.alias_of_id:
            return
        shared = {
            "title": self.title,
            "language": self.language,
            "item": str(self.translation_key),
            "date": self.published_on,
        }
        topics = [of.tag for of in self.topics_of_page.select_related("tag__parent")]
        full = {
            **shared,
            "key": self.access_key,
            "facets": self.search_facets(),
            "author": self.search_author(),
            "topic": " ".join(f"{t.name} {t.name_de} {t.name_fr} {t.name_ar}" for t in topics),
            "keywords": " ".join(of.tag.name for of in self.keywords_of_page.select_related("tag")),
        }
        first, *others = self.search_places()
        yield Entry(**full, summary=self.summary, text=first.text, main=True)
        for place in others:
            yield Entry(**full, text=place.text, anchor=place.anchor, label=place.label)
        for text in filetexts.texts_of(self):
            yield from text.entries(full)
        if self.teaser_listed:
            yield Entry(**shared, key=PUBLIC, summary=self.summary, facets=self._open_facets(), teaser=True)

    def _open_facets(self) -> dict[str, list[str]]:
        """The facets that a teaser gives away."""
        return {
            "kind": [self.get_kind()],
            "audience": [self.shown_audience],
            "library": ["yes"] if self.in_library else [],
        }


class FileOfPage(Orderable):
    """A file that belongs to a page, such as the worksheet of a practice."""

    page = ParentalKey(HubPage, on_delete=models.CASCADE, related_name="files")
    document = models.ForeignKey(
        settings.WAGTAILDOCS_DOCUMENT_MODEL,
        verbose_name=_("file"),
        on_delete=models.PROTECT,
        related_name="+",
    )

    panels = [FieldPanel("document")]

    def __str__(self) -> str:
        return str(self.document)


def active_languages() -> tuple[str, ...]:
    """The reader's language, then the hub's first; the order in which versions are offered."""
    return tuple(dict.fromkeys([(get_language() or settings.LANGUAGE_CODE)[:2], settings.LANGUAGE_CODE]))
