"""Giving a suggestion to a page, and the list of those who look after the page."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.access import viewer_of
from core.models import HubPage
from groups.front_forms import SuggestionAnswerForm, SuggestionForm
from groups.notices import tell_leads
from groups.records import Suggestion
from groups.suggesting import (
    KEPT_IN_QUEUE,
    cared_for,
    is_first_waiting,
    is_too_many,
    parts_of,
    quote_of,
    takes_suggestions,
)
from groups.views import form_page
from members.models import User


@form_page
def suggest_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Suggest a change to a page one may read; sent twice, it is one. For all others there is no such page."""
    viewer = viewer_of(request)
    member = viewer.is_member or viewer.sees_all
    found = HubPage.objects.visible_to(viewer).filter(pk=pk).first() if member else None
    if found is None or not takes_suggestions(found):
        raise Http404
    page, user = found.specific, cast(User, request.user)
    parts = parts_of(page)
    form = SuggestionForm(request.POST or None, parts=list(parts.items()), name=user.display_name)
    if request.method == "POST" and form.is_valid():
        given = form.instance
        if Suggestion.objects.filter(key=form.cleaned_data["key"]).exists():
            return redirect("contribute_thanks")
        if refusal := is_too_many(user):
            form.add_error(None, refusal)
        else:
            _kept, is_new = Suggestion.objects.get_or_create(
                key=form.cleaned_data["key"],
                defaults={
                    "giver": user,
                    "page": found,
                    "block": given.block,
                    "quote": quote_of(parts, given.block),
                    "words": given.words,
                    "by_name": given.by_name,
                },
            )
            group = found.working_group
            if is_new and group is not None and is_first_waiting(group):
                tell_leads(group)
            return redirect("contribute_thanks")
    trail = [{"title": page.title, "url": page.url}]
    return render(request, "groups/suggest.html", {"page": page, "form": form, "trail": trail})


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """What was suggested to the pages one looks after: what waits first, then what was answered lately."""
    mine = cared_for(viewer_of(request), cast(User, request.user))
    if mine is None:
        raise Http404
    lately = Q(state=Suggestion.State.WAITING) | Q(answered_at__gte=timezone.now() - KEPT_IN_QUEUE)
    rows = list(mine.filter(lately)[:200])
    context = {
        "waiting": [row for row in rows if row.state == Suggestion.State.WAITING],
        "answered": [row for row in rows if row.state != Suggestion.State.WAITING],
    }
    return render(request, "groups/suggestions.html", context)


@form_page
def suggestion(request: HttpRequest, pk: int) -> HttpResponse:
    """One suggestion, to read it and to say what becomes of it."""
    mine = cared_for(viewer_of(request), cast(User, request.user))
    row = mine.filter(pk=pk).first() if mine is not None else None
    if row is None:
        raise Http404
    form = SuggestionAnswerForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        row.answered_at = timezone.now() if row.state != Suggestion.State.WAITING else None
        form.save()
        messages.success(request, _("Your answer is kept, and the giver can read it."))
        return redirect("suggestions")
    trail = [{"title": _("Suggestions"), "url": reverse("suggestions")}]
    return render(request, "groups/suggestion.html", {"row": row, "form": form, "trail": trail})
