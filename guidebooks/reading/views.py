"""Pages of what changed, of what a member has read, and of private notes. Another person's are as if not there."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.access import viewer_of
from core.models import HubPage
from guidebooks.models import ChapterPage
from guidebooks.reading import notes
from guidebooks.reading.forms import NoteForm
from guidebooks.reading.notes import PrivateNote
from guidebooks.reading.readings import Reading, note_read
from guidebooks.reading.versions import history
from members.models import User

PER_PAGE = 50


def open_chapter(request: HttpRequest, pk: int) -> ChapterPage:
    """The chapter, if this visitor may open it; else 404 as if it were not there."""
    chapter = ChapterPage.objects.visible_to(viewer_of(request)).select_related("locale").filter(pk=pk).first()
    if chapter is None:
        raise Http404
    return cast(ChapterPage, chapter)


def own_note(request: HttpRequest, pk: int) -> PrivateNote:
    """The note, if it is this person's own; else 404 as if it were not there."""
    note = PrivateNote.objects.filter(user=cast(User, request.user), pk=pk).first()
    if note is None:
        raise Http404
    return note


def pages_of(request: HttpRequest, things: Any) -> dict[str, Any]:
    """One page of a list, with the addresses of those before and after it."""
    page = Paginator(things, PER_PAGE).get_page(request.GET.get("page"))
    return {
        "found": page,
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
    }


# What changed ---------------------------------------------------------------------------------------


@require_safe
def changes(request: HttpRequest, pk: int) -> HttpResponse:
    """What changed in a chapter, or in all chapters of a guidebook that this visitor may open; small corrections
    stand with the chapter only."""
    viewer = viewer_of(request)
    page = HubPage.objects.visible_to(viewer).filter(pk=pk, kind__in=["chapter", "guidebook"]).first()
    if page is None:
        raise Http404
    if page.kind == "guidebook":
        below = page.descendants_for(viewer).filter(kind="chapter").order_by()
        found = history(below.values("pk") | HubPage.objects.filter(pk=page.pk).values("pk"), viewer)
        found = found.filter(is_minor=False)
    else:
        found = history([page.pk], viewer)
    trail = [*page.ancestors_for(viewer), page]
    return render(
        request, "guidebooks/reading/changes.html", {"page": page, "trail": trail, **pages_of(request, found)}
    )


# What was read --------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that a person has read what stands in the chapter now; a script is answered without a page."""
    chapter = open_chapter(request, pk)
    if request.method == "POST":
        noted = note_read(cast(User, request.user), chapter, request.POST.get("digest", ""))
        if request.headers.get("X-Requested-With") == "fetch":
            return HttpResponse(status=204 if noted else 409)
        if noted:
            messages.success(request, _("Noted: you have read this chapter. Only you can see that."))
        else:
            messages.warning(request, _("Nothing was noted: the chapter has changed since you opened it."))
    return redirect(chapter.url)  # also for those who come here by way of signing in


@login_required
@require_safe
def my_reading(request: HttpRequest) -> HttpResponse:
    """All that is noted of what a person read."""
    readings = Reading.objects.filter(user=cast(User, request.user)).select_related(None)
    context = pages_of(request, readings)
    pages = HubPage.objects.visible_to(viewer_of(request))
    titles = pages.in_bulk([reading.page_id for reading in context["found"]])
    context["shown"] = [(reading, titles.get(reading.page_id)) for reading in context["found"]]
    return render(request, "guidebooks/reading/my_reading.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def forget(request: HttpRequest) -> HttpResponse:
    """Forget what a person read: of the pages that are named, or all of it."""
    if request.method == "POST":
        own = Reading.objects.filter(user=cast(User, request.user))
        named = [int(pk) for pk in request.POST.getlist("page") if pk.isascii() and pk.isdigit() and len(pk) < 18]
        if "all" in request.POST:
            own.delete()
            messages.success(request, _("All that was noted of what you read is forgotten."))
        else:
            own.filter(page__in=named).delete()
            messages.success(request, _("Forgotten: nothing is noted of your having read this."))
            back = HubPage.objects.visible_to(viewer_of(request)).filter(pk__in=named[:1]).first()
            if back is not None and request.POST.get("from") == "chapter":
                return redirect(back.url)
    return redirect("my_reading")


# Notes and bookmarks --------------------------------------------------------------------------------


@login_required
@require_safe
def my_notes(request: HttpRequest) -> HttpResponse:
    """A person's notes and bookmarks in all books, the latest first."""
    user, viewer = cast(User, request.user), viewer_of(request)
    context = pages_of(request, PrivateNote.objects.filter(user=user))
    context |= {"notes": notes.shown_for(context["found"], viewer), "most": notes.MOST_NOTES}
    return render(request, "guidebooks/reading/my_notes.html", context)


@login_required
@sensitive_post_parameters("text")
@require_http_methods(["GET", "HEAD", "POST"])
def notes_on(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's notes on one chapter, and its paragraphs to choose one for a new note."""
    chapter, user = open_chapter(request, pk), cast(User, request.user)
    kept = notes.on_page(user, chapter, viewer_of(request))
    places = notes.places_of(chapter)
    by_block = {shown.note.block: shown.note for shown in kept}
    wanted = request.POST.get("place") or request.GET.get("place") or ""
    place = next((place for place in places if place.anchor == wanted), None)
    if request.method == "POST":
        form = NoteForm(request.POST)
        if form.is_valid():
            try:
                note = notes.keep(user, chapter, form.cleaned_data["place"], form.cleaned_data["text"])
            except notes.NotKept as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Your note is kept.") if note.text else _("Your bookmark is kept."))
                if request.POST.get("from") == "chapter":
                    return redirect(f"{chapter.url}#{note.anchor}")
                return redirect("notes_on", chapter.pk)
    else:
        old = by_block.get(place.block) if place else None
        form = NoteForm(initial={"place": wanted, "text": (old.text or "") if old else ""})
    context = {
        "page": chapter,
        "notes": kept,
        "places": [(each, by_block.get(each.block)) for each in places],
        "place": place,
        "form": form if place or form.is_bound else None,
        "trail": [*chapter.ancestors_for(viewer_of(request)), chapter],
        "most": notes.MOST_NOTES,
    }
    return render(request, "guidebooks/reading/notes_on.html", context)


@login_required
@sensitive_post_parameters("text")
@require_http_methods(["GET", "HEAD", "POST"])
def edit_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Change or delete one's own note, also one whose paragraph or chapter is gone."""
    note = own_note(request, pk)
    form = NoteForm(request.POST or None, initial={"text": note.text or ""})
    if request.method == "POST" and form.is_valid():
        note.text, note.changed_at = form.cleaned_data["text"], timezone.now()
        note.save(update_fields=["text", "changed_at"])
        messages.success(request, _("Your note is kept."))
        return redirect("my_notes")
    (shown,) = notes.shown_for([note], viewer_of(request))
    trail = [{"title": _("My notes and bookmarks"), "url": reverse("my_notes")}]
    return render(request, "guidebooks/reading/note.html", {"shown": shown, "form": form, "trail": trail})


@login_required
@require_POST
def delete_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete one's own note. Sent twice, or for another's, it does nothing."""
    PrivateNote.objects.filter(user=cast(User, request.user), pk=pk).delete()
    messages.success(request, _("The note is deleted."))
    return redirect("my_notes")


@login_required
@require_safe
def export_notes(request: HttpRequest, form: str) -> HttpResponse:
    """All of a person's own notes as a file, ``json`` or ``txt``; of chapters that are closed now, no title or word."""
    if form not in ("json", "txt"):
        raise Http404
    kept = PrivateNote.objects.filter(user=cast(User, request.user))
    entries = [notes.entry(shown) for shown in notes.shown_for(kept, viewer_of(request))]
    answer: HttpResponse
    if form == "json":
        answer = JsonResponse({"notes": entries}, json_dumps_params={"ensure_ascii": False, "indent": 2})
    else:
        answer = HttpResponse(notes.as_text(entries), content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="notes.{form}"'
    return answer
