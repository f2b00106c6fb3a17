"""Lists of Wagtail's admin for people with an office: each begins with what the desk allows."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from wagtail.admin.auth import require_admin_access
from wagtail.admin.forms.search import SearchForm
from wagtail.admin.modal_workflow import render_modal_workflow
from wagtail.admin.ui.components import MediaContainer
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import chooser, tags
from wagtail.admin.views.chooser import PageChooserTable, PageNavigateToChildrenColumn, PageTitleColumn
from wagtail.admin.views.pages.history import PageHistoryView
from wagtail.admin.views.pages.listing import ExplorableIndexView, GenericPageFilterSet
from wagtail.admin.viewsets.pages import PageViewSet
from wagtail.admin.widgets import BaseChooser
from wagtail.images.views.chooser import ImageChooseView
from wagtail.images.views.chooser import viewset as image_chooser
from wagtail.models import Page, ReferenceIndex  # noqa: TID251 Wagtail's own lists are of these

from core import lines
from core.desk import Desk, desk_now, tags_for
from core.models import HubPage, Keyword, Topic
from core.models.files import GatedFile
from core.models.topics import KeywordOfPage, TopicOfPage
from hub.admin_pages import PageEdit, PagePlace

PER_PAGE = 25
TAGGED: dict[str, tuple[Any, Any]] = {"topic": (Topic, TopicOfPage), "keyword": (Keyword, KeywordOfPage)}
MOST_TAGS = 10
# What a page's history tells of other pages: where it came from, and what was made of it.
TELLS_OF_OTHERS = (
    "wagtail.copy",
    "wagtail.move",
    "wagtail.reorder",
    "wagtail.create_alias",
    "wagtail.convert_alias",
    "wagtail.copy_for_translation",
    "wagtail.create_alias_for_translation",
)


# Pages ----------------------------------------------------------------------------------------------


class FilterSet(GenericPageFilterSet):
    """Without the filters that name all people who ever wrote a page, or tell that something closed is below one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("owner", "edited_by", "site", "has_child_pages"):
            del self.filters[name]


class PageList(ExplorableIndexView):
    """The pages below one, and for people with an office at the root: those at the top of what they work on."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """As Wagtail's, without filters by people."""
        super().setup(request, *args, **kwargs)
        if desk_now() is not None:
            # Here, since Wagtail's viewset hands it to the view and goes past what the class says.
            self.filterset_class = FilterSet

    def get(self, request: HttpRequest, parent_page_id: int | None = None) -> HttpResponse:
        """As Wagtail's."""
        desk = desk_now()
        if desk is None or parent_page_id is not None:
            return super().get(request, parent_page_id)
        tops = self.permission_policy.instances_with_direct_explore_permission(request.user)
        if len(tops) == 1 and not request.GET:
            return redirect("wagtailadmin_explore", tops[0].pk)
        self.tops = tops
        self.parent_page = Page.get_first_root_node()
        self.permissions = self.parent_page.permissions_for_user(request.user)
        self.scheduled_page, self.locale, self.translations = None, None, []
        return super(ExplorableIndexView, self).get(request)

    @property
    def is_desk(self) -> bool:
        """Whether this is the list of all that a person with an office works on."""
        return hasattr(self, "tops")

    def get_base_queryset(self) -> QuerySet:
        """As Wagtail's; of all that a person works on, first the pages at the top."""
        if not self.is_desk or self.is_searching or self.is_filtering:
            return super().get_base_queryset()
        return self.annotate_queryset(Page.objects.filter(pk__in=[page.pk for page in self.tops]))

    def get_index_url(self) -> str:
        """As Wagtail's."""
        return reverse("wagtailadmin_explore_root") if self.is_desk else super().get_index_url()

    def get_index_results_url(self) -> str:
        """As Wagtail's; the list at the root has no address for its results alone."""
        return reverse("wagtailadmin_explore_root") if self.is_desk else super().get_index_results_url()

    def get_reorder_url(self) -> str | None:
        """As Wagtail's; of those who have an office only who leads the group is offered handles."""
        may = desk_now() is None or (not self.is_desk and self.permissions.can_reorder_children())
        return super().get_reorder_url() if may else None

    def get_page_subtitle(self) -> str:
        """As Wagtail's."""
        return _("Pages of your working groups") if self.is_desk else super().get_page_subtitle()

    def get_side_panels(self) -> MediaContainer:
        """As Wagtail's, none at the root."""
        return MediaContainer() if self.is_desk else super().get_side_panels()

    def get_translations(self) -> list[dict[str, Any]]:
        """As Wagtail's, only those the person works on."""
        found = super().get_translations()
        desk = desk_now()
        if desk is None:
            return found
        own = HubPage.objects.filter(desk.own_pages, translation_key=self.parent_page.translation_key)
        languages = set(own.values_list("locale", flat=True))
        return [version for version in found if version["locale"].pk in languages]


class PageHistory(PageHistoryView):
    """What happened to a page, without what names other pages."""

    def get_base_queryset(self) -> QuerySet:
        """As Wagtail's, for people with an office without moves and copies."""
        entries = super().get_base_queryset()
        return entries if desk_now() is None else entries.exclude(action__in=TELLS_OF_OTHERS)


class PagesViewSet(PageViewSet):
    """Wagtail's views of all pages, with our lists."""

    model = Page
    index_view_class = PageList
    history_view_class = PageHistory
    edit_view_class = PageEdit
    set_page_position_view_class = PagePlace


# The chooser of pages -------------------------------------------------------------------------------


class Pickable:
    """What the windows of the page chooser have in common for people with an office."""

    request: HttpRequest

    @property
    def columns(self) -> list[Column]:
        """The title and what it is; not what is new in a draft, nor since when."""
        columns = [
            PageTitleColumn("title", label=_("Title"), is_multiple_choice=bool(self.request.GET.get("multiple"))),
            Column("type", label=_("Type"), width="20%", accessor="page_type_display_name"),
            PageNavigateToChildrenColumn("children", label="", width="10%"),
        ]
        if self.request.GET.get("multiple"):
            columns.insert(0, chooser.PageCheckboxSelectColumn("select", label=_("Select"), width="1%", accessor="pk"))
        return columns

    def classes(self) -> tuple[type[Page], ...]:
        """The types of pages asked for."""
        try:
            return chooser.page_models_from_string(self.request.GET.get("page_type") or "wagtailcore.page")
        except (ValueError, LookupError) as error:
            raise Http404 from error

    def context(self, desk: Desk, found: Any, **more: Any) -> dict[str, Any]:
        """The variables of Wagtail's templates."""
        classes = self.classes()
        pickable = HubPage.objects.filter(desk.pickable_pages)
        below = pickable.filter(path__startswith=OuterRef("path"), depth=OuterRef("depth") + 1)
        shown = list(found)
        with_children = set(
            HubPage.objects.filter(pk__in=[page.pk for page in shown])
            .filter(Exists(below))
            .values_list("pk", flat=True)
        )
        for page in shown:
            page.can_choose = issubclass(page.specific_class or Page, classes)
            page.can_descend = page.pk in with_children
            page.is_parent_page = False
        return {"page_type_string": self.request.GET.get("page_type") or "wagtailcore.page", "shown": shown, **more}


class BrowsePages(Pickable, chooser.BrowseView):
    """Step by step through what may be picked; Wagtail's own for the secretariat."""

    def get(self, request: HttpRequest, parent_page_id: int | None = None) -> HttpResponse:
        """The pages below one, or the home pages."""
        desk = desk_now()
        if desk is None:
            return super().get(request, parent_page_id)
        pickable = HubPage.objects.filter(desk.pickable_pages)
        parent: Any = Page.get_first_root_node()
        if parent_page_id and parent_page_id != parent.pk:
            parent = get_object_or_404(pickable, pk=parent_page_id).specific
        below = pickable.filter(lines.subtree(parent.path, inclusive=False), depth=parent.depth + 1)
        found = below.order_by("path").specific(defer=True)
        page = Paginator(found, PER_PAGE).get_page(request.GET.get("p"))
        parent.can_choose = not parent.is_root() and issubclass(parent.specific_class or Page, self.classes())
        parent.is_parent_page, parent.can_descend = True, False
        context = self.context(
            desk,
            page.object_list,
            parent_page=parent,
            parent_page_id=parent.pk,
            pagination_page=page,
            search_form=SearchForm(),
            page_type_names=[model.get_verbose_name() for model in self.classes()],
            page_types_restricted=bool(request.GET.get("page_type")) and self.classes() != (Page,),
            show_locale_controls=False,
            is_multiple_choice=request.GET.get("multiple"),
        )
        context["table"] = PageChooserTable(self.columns, [parent, *context.pop("shown")], show_locale_labels=True)
        return render_modal_workflow(
            request,
            "wagtailadmin/chooser/browse.html",
            None,
            chooser.shared_context(request, context),
            json_data={"step": "browse", "parent_page_id": parent.pk},
        )


class SearchPages(Pickable, chooser.SearchView):
    """Words in what may be picked; Wagtail's own for the secretariat."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """What is found."""
        desk = desk_now()
        if desk is None:
            return super().get(request)
        form = SearchForm(request.GET)
        wanted = form.cleaned_data["q"] if form.is_valid() else ""
        # Search engines take no condition on columns they do not hold.
        ids = HubPage.objects.filter(desk.pickable_pages).values("pk")
        pickable = HubPage.objects.filter(pk__in=ids).type(*self.classes())
        found = pickable.specific().autocomplete(wanted) if wanted else pickable.none()
        page = Paginator(found, PER_PAGE).get_page(request.GET.get("p"))
        context = self.context(desk, page.object_list, searchform=form, pages=page)
        context["table"] = PageChooserTable(self.columns, context.pop("shown"), show_locale_labels=True)
        context = chooser.shared_context(request, context)
        return TemplateResponse(request, "wagtailadmin/chooser/_search_results.html", context)


class ChosenPages(chooser.ChosenMultipleView):
    """Several pages that were ticked; Wagtail's own for the secretariat."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """What a field needs to know of them, of those that may be picked."""
        desk = desk_now()
        if desk is None:
            return super().get(request)
        wanted = [pk for pk in request.GET.getlist("id") if pk.isdecimal() and len(pk) < 19]
        result = [
            {
                "id": page.pk,
                "parentId": page.line[-1].pk if page.line else None,
                "adminTitle": page.get_admin_display_title(),
                "editUrl": reverse("wagtailadmin_pages:edit", args=(page.pk,)),
                "url": page.url,
            }
            for page in HubPage.objects.filter(desk.pickable_pages, pk__in=wanted)
        ]
        return self.render_chosen_response(result)


# Words and pictures ---------------------------------------------------------------------------------


def autocomplete_tags(request: HttpRequest, app_name: str = "", model_name: str = "") -> HttpResponse:
    """Topics or keywords that begin with what was typed."""
    desk = desk_now()
    if desk is None:
        return tags.autocomplete(request, app_name or None, model_name or None)
    if app_name != "core" or model_name not in TAGGED:
        raise Http404
    model, of_pages = TAGGED[model_name]
    typed = request.GET.get("term", "")
    offered = tags_for(model._default_manager.all(), of_pages._default_manager.all(), desk)
    found = offered.filter(name__istartswith=typed).order_by("name") if typed else offered.none()
    return JsonResponse(list(found.values_list("name", flat=True)[:MOST_TAGS]), safe=False)


class ChooseImage(ImageChooseView):
    """As Wagtail's, without the topics of all pictures there are."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """As Wagtail's."""
        context = super().get_context_data(**kwargs)
        return context if desk_now() is None else {**context, "popular_tags": []}


# Fields -----------------------------------------------------------------------------------------------


def tell_only_what_is_known() -> None:
    """Have fields say nothing of a picture or document the person may not know: its id can be guessed and sent."""
    told = BaseChooser.get_value_data

    def get_value_data(field: Any, value: Any) -> Any:
        desk = desk_now()
        thing = field.get_instance(value) if desk is not None else None
        if desk is None or not isinstance(thing, GatedFile) or desk.knows_file(thing):
            return told(field, value)
        return {
            "id": thing.pk,
            "edit_url": None,
            field.display_title_key: _("A file you cannot open"),
            "preview": {"url": "", "width": 0, "height": 0},
            "default_alt_text": "",
        }

    BaseChooser.get_value_data = get_value_data  # type: ignore[method-assign]


# How often something is used ------------------------------------------------------------------------


def connect() -> None:
    """Take places of Wagtail's own: the window in which a picture is chosen, and the count of what uses a thing.

    People with an office are told only of uses on their own pages.
    """
    image_chooser.choose_view_class = ChooseImage
    tell_only_what_is_known()

    def on_own_pages(references: QuerySet) -> QuerySet:
        desk = desk_now()
        if desk is None:
            return references
        own = [str(pk) for pk in HubPage.objects.filter(desk.own_pages).values_list("pk", flat=True)]
        pages = Q(base_content_type__app_label="wagtailcore", base_content_type__model="page")
        return references.filter(pages, object_id__in=own)

    to_one, to_many = ReferenceIndex.get_references_to, ReferenceIndex.get_references_to_in_bulk
    ReferenceIndex.get_references_to = staticmethod(lambda thing: on_own_pages(to_one(thing)))  # type: ignore[method-assign,assignment]
    ReferenceIndex.get_references_to_in_bulk = staticmethod(  # type: ignore[method-assign,assignment]
        lambda things: on_own_pages(to_many(things))
    )


# Before Wagtail's own addresses, and under their names: what comes first answers.
urls = [
    path("choose-page/", require_admin_access(BrowsePages.as_view()), name="wagtailadmin_choose_page"),
    path(
        "choose-page/<int:parent_page_id>/",
        require_admin_access(BrowsePages.as_view()),
        name="wagtailadmin_choose_page_child",
    ),
    path("choose-page/search/", require_admin_access(SearchPages.as_view()), name="wagtailadmin_choose_page_search"),
    path(
        "choose-page/chosen-multiple/",
        require_admin_access(ChosenPages.as_view()),
        name="wagtailadmin_choose_page_chosen_multiple",
    ),
    path(
        "tag-autocomplete/<slug:app_name>/<slug:model_name>/",
        require_admin_access(autocomplete_tags),
        name="wagtailadmin_tag_model_autocomplete",
    ),
]
