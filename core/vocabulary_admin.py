"""Where the secretariat works on the vocabulary and on what is recommended: the menu "Search words"."""

from __future__ import annotations

import csv
import logging
from collections import Counter
from collections.abc import Iterable
from typing import Any, cast

import django_filters
from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets.button import Button
from wagtail.snippets.views.snippets import CreateView, EditView, IndexView, SnippetViewSet, SnippetViewSetGroup

from core import vocabulary_file
from core.models import BestBet, Concept, Term
from core.models.vocabulary import LONGEST_TERM, MOST_TERMS, languages
from core.vocabulary_file import FileError, written
from members.models import User
from search.analysis import clean, words
from search.vocabulary import content

logger = logging.getLogger(__name__)


class ConceptForm(WagtailAdminModelForm):
    """A concept with its terms: at least one, none twice, one preferred in each language."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        terms = [
            form.instance
            for form in self.formsets["terms"].forms
            if form.is_valid() and form.cleaned_data.get("words") and not form.cleaned_data.get("DELETE")
        ]
        broken = any(not form.is_valid() for form in self.formsets["terms"].forms)
        if not terms and not broken:
            self.add_error(None, _("A concept needs at least one term: without one it is never found."))
        if len(terms) > MOST_TERMS:
            self.add_error(
                None,
                _("A concept can have %(most)s terms, this has %(count)s.") % {"most": MOST_TERMS, "count": len(terms)},
            )
        named = dict(languages())
        for (language, _plain), times in Counter((term.language, written(term.words)) for term in terms).items():
            if times > 1:
                twice = next(term.words for term in terms if (term.language, written(term.words)) == (language, _plain))
                self.add_error(
                    None,
                    _("“%(term)s” stands here twice in %(language)s.") % {"term": twice, "language": named[language]},
                )
        preferred = Counter(term.language for term in terms if term.kind == Term.Kind.PREFERRED)
        for language, times in preferred.items():
            if times > 1:
                self.add_error(
                    None,
                    _("Only one term can be preferred in %(language)s, here are %(count)s.")
                    % {"language": named[language], "count": times},
                )
        return cleaned


def warnings_of(concept: Concept) -> list[str]:
    """What may be meant but is worth a second look."""
    own = list(concept.terms.all())
    said = []
    others: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    elsewhere = Term.objects.exclude(concept=concept).filter(language__in={term.language for term in own})
    for words_there, language, name in elsewhere.values_list("words", "language", "concept__name"):
        others.setdefault((language, written(words_there)), []).append(name)
    for term in own:
        if names := others.get((term.language, written(term.words))):
            said.append(
                _("“%(term)s” also stands in: %(concepts)s. Whoever types it is given what belongs to each of them.")
                % {"term": term.words, "concepts": ", ".join(sorted(names))}
            )
        found = content(term.words, term.language)
        if len(found) == 1 and len(words(clean(term.words))) > 1:
            said.append(
                _("Of “%(term)s” only “%(word)s” is looked for: the other words are too common.")
                % {"term": term.words, "word": found[0]}
            )
    return said


class WithWarnings:
    """Says after saving what is worth a second look."""

    request: HttpRequest

    def save_instance(self) -> Any:
        """As Wagtail's."""
        concept = super().save_instance()  # type: ignore[misc]
        for said in warnings_of(concept):
            messages.warning(self.request, said)
        return concept


class AddConcept(WithWarnings, CreateView):
    """A new concept; the address may bring its first word (``?word=``)."""

    def get_initial_form_instance(self) -> Concept | None:
        """As Wagtail's, or a concept with that word."""
        word = clean(self.request.GET.get("word", "")[:LONGEST_TERM]).strip()
        if self.request.method != "GET" or not word:
            return cast("Concept | None", super().get_initial_form_instance())
        return Concept(name=word, terms=[Term(words=word, language=settings.LANGUAGE_CODE)])  # type: ignore[misc]


class ChangeConcept(WithWarnings, EditView):
    pass


class ListConcepts(IndexView):
    """The list, with the ways to a file and back."""

    def search_queryset(self, queryset: QuerySet[Concept]) -> QuerySet[Concept]:
        """As Wagtail's, a concept once, however many of its terms are found."""
        return super().search_queryset(queryset).distinct()

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        """Beside Wagtail's own: read a file, save as a file."""
        return [
            *super().header_more_buttons,
            Button(_("Save as a file"), url=reverse("core_export_vocabulary"), icon_name="download", priority=80),
            Button(_("Read a file"), url=reverse("core_import_vocabulary"), icon_name="upload", priority=81),
        ]


class ConceptFilter(WagtailFilterSet):
    """Concepts by the languages they have terms in, or still lack."""

    language = django_filters.ChoiceFilter(
        label=gettext_lazy("Has a term in"), choices=languages, method="keep_with", empty_label=gettext_lazy("All")
    )
    without = django_filters.ChoiceFilter(
        label=gettext_lazy("Has no term in"), choices=languages, method="keep_without", empty_label=gettext_lazy("All")
    )
    to_check = django_filters.ChoiceFilter(
        label=gettext_lazy("Has terms to be checked in"),
        choices=languages,
        method="keep_to_check",
        empty_label=gettext_lazy("All"),
    )

    class Meta:
        model = Concept
        fields: list[str] = []

    def keep_with(self, queryset: QuerySet[Concept], _name: str, language: str) -> QuerySet[Concept]:
        return queryset.filter(self._has(language=language))

    def keep_without(self, queryset: QuerySet[Concept], _name: str, language: str) -> QuerySet[Concept]:
        return queryset.exclude(self._has(language=language))

    def keep_to_check(self, queryset: QuerySet[Concept], _name: str, language: str) -> QuerySet[Concept]:
        return queryset.filter(self._has(language=language, to_check=True))

    @staticmethod
    def _has(**fields: Any) -> Exists:
        return Exists(Term.objects.filter(concept=OuterRef("pk"), **fields))


def preferred_terms(concept: Concept) -> str:
    """The preferred terms of a concept, each with its language."""
    return " · ".join(f"{term.words} ({term.language})" for term in concept.terms.all() if term.kind == "preferred")


class ConceptViewSet(SnippetViewSet):
    """The field's vocabulary."""

    model = Concept
    icon = "list-ul"
    menu_label = gettext_lazy("Vocabulary")
    list_display = [
        "name",
        Column("terms", label=gettext_lazy("Preferred terms"), accessor=preferred_terms),
    ]
    list_per_page = 50
    search_fields = ["name", "terms__words"]
    filterset_class = ConceptFilter
    index_view_class = ListConcepts
    add_view_class = AddConcept
    edit_view_class = ChangeConcept
    copy_view_enabled = False
    edit_handler = ObjectList(
        [
            FieldPanel("name"),
            InlinePanel(
                "terms",
                [
                    FieldPanel("words"),
                    FieldRowPanel([FieldPanel("language"), FieldPanel("kind"), FieldPanel("to_check")]),
                ],
                heading=gettext_lazy("Terms"),
                label=gettext_lazy("Term"),
                help_text=gettext_lazy(
                    "All that practitioners call it, in all languages. A term of several words is found where they "
                    "stand side by side; its endings make no difference. Up to 60 terms of up to 8 words."
                ),
            ),
            FieldPanel("related", widget=forms.SelectMultiple(attrs={"size": 12})),
            FieldPanel("note"),
        ],
        base_form_class=ConceptForm,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Concept]:
        """With their terms, for the list."""
        return Concept.objects.prefetch_related("terms")


class BestBetViewSet(SnippetViewSet):
    """What is recommended for which query."""

    model = BestBet
    icon = "pick"
    menu_label = gettext_lazy("Recommended pages")
    list_display = ["words", "page", "language", "position", "until"]
    list_filter = ["language", "until"]
    search_fields = ["words", "page__title"]
    copy_view_enabled = False
    panels = [
        FieldPanel("words"),
        FieldPanel("page"),
        FieldRowPanel([FieldPanel("language"), FieldPanel("position"), FieldPanel("until")]),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[BestBet]:
        """With their pages, for the list."""
        return BestBet.objects.select_related("page")


class SearchWordsViewSetGroup(SnippetViewSetGroup):
    """The menu."""

    items = (ConceptViewSet, BestBetViewSet)
    menu_icon = "search"
    menu_label = gettext_lazy("Search words")
    menu_name = "search-words"
    menu_order = 260


# As a file -------------------------------------------------------------------------------------------


class FileForm(forms.Form):
    """One file of terms."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV in UTF-8, one row per term, as “Save as a file” gives it."),
    )


@require_safe
def export_vocabulary(request: HttpRequest) -> HttpResponse:
    """The whole vocabulary as CSV, one row per term."""
    _must_hold(request, "core.view_concept")
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="vocabulary.csv"'
    answer.write("\ufeff")  # by which spreadsheets know that it is UTF-8
    csv.writer(answer).writerows(vocabulary_file.rows())
    logger.info("The vocabulary was exported by user %s", cast(User, request.user).pk)
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def import_vocabulary(request: HttpRequest) -> HttpResponse:
    """Bring a file in: what is new is added, nothing is taken away. Anything wrong in it, and nothing is done."""
    _must_hold(request, "core.add_concept", "core.change_concept")
    form = FileForm(request.POST or None, request.FILES or None)
    problems: Iterable[str] = ()
    if request.method == "POST" and form.is_valid():
        try:
            report = vocabulary_file.put(vocabulary_file.read(form.cleaned_data["file"].read()))
        except FileError as error:
            problems = error.problems
        else:
            logger.info("A vocabulary file was read by user %s", cast(User, request.user).pk)
            messages.success(
                request,
                ngettext("%(count)s new term", "%(count)s new terms", report.terms) % {"count": report.terms}
                + ", "
                + ngettext("%(count)s new concept", "%(count)s new concepts", report.concepts)
                % {"count": report.concepts}
                + ", "
                + ngettext("%(count)s term changed", "%(count)s terms changed", report.changed)
                % {"count": report.changed},
            )
            return redirect(ConceptViewSet().get_url_name("list"))
    context = {"form": form, "problems": problems, "back": reverse(ConceptViewSet().get_url_name("list"))}
    return render(request, "core/admin/import_vocabulary.html", context)


def _must_hold(request: HttpRequest, *permissions: str) -> None:
    if not cast(User, request.user).has_perms(permissions):
        raise PermissionDenied


urls = [
    path("vocabulary/export/", export_vocabulary, name="core_export_vocabulary"),
    path("vocabulary/import/", import_vocabulary, name="core_import_vocabulary"),
]
