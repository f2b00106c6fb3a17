"""The pages on which a member keeps searches, and the feeds of them."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.access import viewer_for, viewer_of
from core.listing import clean, find
from hub import alerts, saved
from hub.models import SavedSearch
from members.models import User
from search.library import IndexUnavailable

FEED_ENTRIES = 30
FEED_DAYS = 90
"""How far back a feed reaches."""
TOKEN_BYTES = 32  # 256 bits


class SavedSearchForm(ModelForm):
    """What its owner can change of a saved search."""

    class Meta:
        model = SavedSearch
        fields = ["name", "alert", "feed_titles"]

    def clean_name(self) -> str:
        """Without control characters, which no feed can hold."""
        return clean(self.cleaned_data["name"], 80)


# Keeping searches -----------------------------------------------------------------------------------


@login_required
@require_safe
def saved_searches(request: HttpRequest) -> HttpResponse:
    """The searches a person keeps, each with how much has changed since he or she last ran it."""
    user, viewer = cast(User, request.user), viewer_of(request)
    searches = list(SavedSearch.objects.filter(user=user))
    filters = saved.described(searches, viewer)
    events = saved.events_since(viewer, min(each.looked_at for each in searches)) if searches else []
    counting = saved.Counting(viewer)
    shown = []
    for each in searches:
        try:
            changed = counting(each, saved.changed_items(events, each.looked_at))
        except IndexUnavailable:
            changed = 0
        shown.append(
            {"search": each, "words": saved.listing_of(each).q, "filters": filters[each.pk], "changed": changed}
        )
    context = {"searches": shown, "most": saved.MOST_SEARCHES, "rests": not alerts.may_be_told(viewer)}
    return render(request, "hub/saved_searches.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def save_search(request: HttpRequest) -> HttpResponse:
    """Keep the search that the results page names. Sent twice, it is kept once."""
    if request.method == "POST":
        given = request.POST
        try:
            _search, is_new = saved.save(
                cast(User, request.user), given.get("state", ""), given.get("name", ""), given.get("alert", "")
            )
        except (saved.NothingToSave, saved.TooMany) as refusal:
            messages.error(request, str(refusal))
        else:
            said = _("Your search is saved.") if is_new else _("You have saved this search already.")
            messages.success(request, said)
    return redirect("saved_searches")  # also for those who come here by way of signing in


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def saved_search(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the name, the alert and the feed of one's own saved search. Others' are not there."""
    search = own(request, pk)
    form = SavedSearchForm(request.POST or None, instance=search)
    if request.method == "POST" and form.is_valid():
        if "alert" in form.changed_data:
            search.told_until = timezone.now()  # what was there before is nothing to be told of
        form.save()
        messages.success(request, _("Your changes are saved."))
        return redirect("saved_searches")
    return shown(request, search, form)


@login_required
@require_POST
def run_search(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a saved search finds now; from then on it counts as looked at."""
    search = own(request, pk)
    search.looked_at = timezone.now()
    search.save(update_fields=["looked_at"])
    return redirect(saved.listing_of(search).url(reverse("search")))


@login_required
@require_POST
def delete_search(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a saved search with its alert and its feed. Deleting what is gone already is no error."""
    SavedSearch.objects.filter(user=cast(User, request.user), pk=pk).delete()
    messages.success(request, _("The saved search is deleted."))
    return redirect("saved_searches")


def own(request: HttpRequest, pk: int) -> SavedSearch:
    """A saved search of whoever asks; 404 for others' as for what is not there."""
    search: SavedSearch = get_object_or_404(SavedSearch, user=request.user, pk=pk)
    return search


def shown(request: HttpRequest, search: SavedSearch, form: SavedSearchForm, feed_url: str = "") -> HttpResponse:
    """The page of one saved search; with the address of its feed just after that was made."""
    name = SavedSearch.objects.values_list("name", flat=True).get(pk=search.pk)  # not what a refused form says
    trail = [{"title": _("My saved searches"), "url": reverse("saved_searches")}]
    context: dict[str, Any] = {"search": search, "name": name, "form": form, "feed_url": feed_url, "trail": trail}
    return render(request, "hub/saved_search.html", context)


# Mail -----------------------------------------------------------------------------------------------


@never_cache
@csrf_exempt  # the signature in the address is the proof; mail programs that stop by themselves send no other
@require_http_methods(["GET", "HEAD", "POST"])
def stop_search_alerts(request: HttpRequest, signed: str) -> HttpResponse:
    """Stop a person's alerts from the link in a mail. Only a POST stops: programs that scan mail open every link."""
    user = alerts.owner_of(signed)
    if user is None:
        raise Http404
    stopped = request.method == "POST"
    if stopped:
        alerts.stop_alerts(user)
    return render(request, "hub/stop_search_alerts.html", {"stopped": stopped})


# Feeds ----------------------------------------------------------------------------------------------


@never_cache
@login_required
@require_POST
def search_feed_address(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a saved search a feed with a new address, or take it away (``revoke``). An older address ends at once.

    The address is shown in this answer and never again: only its digest is kept.
    """
    search = own(request, pk)
    if "revoke" in request.POST:
        search.feed_digest = None
        search.save(update_fields=["feed_digest"])
        messages.success(request, _("The feed is closed. Its address leads nowhere now."))
        return redirect("saved_search", pk=search.pk)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    search.feed_digest = saved.digest_of(token)
    search.save(update_fields=["feed_digest"])
    feed_url = settings.WAGTAILADMIN_BASE_URL.rstrip("/") + reverse("search_feed", args=[token])
    return shown(request, search, SavedSearchForm(instance=search), feed_url)


@require_safe
def search_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The feed of a saved search, of what its owner may read at this moment, whoever asks.

    A wrong token, a revoked one, and one whose owner is no member now are the same 404. The token is found by its
    digest, so that no comparison of it can be timed.
    """
    search = SavedSearch.objects.select_related("user").filter(feed_digest=saved.digest_of(token)).first()
    viewer = viewer_for(search.user) if search else None
    if search is None or viewer is None or not search.user.is_active or not alerts.may_be_told(viewer):
        raise Http404
    with override(search.user.hub_language):
        response = HttpResponse(feed_of(search).writeString("utf-8"), content_type=Atom1Feed.content_type)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def feed_of(search: SavedSearch) -> Atom1Feed:
    """The newest items of a saved search as a feed in the active language.

    Feed readers are others' machines: unless its owner wants titles, an entry says when there was something new, and
    its address and its id are the same for every item or tell nothing of it.
    """
    viewer, base = viewer_for(search.user), settings.WAGTAILADMIN_BASE_URL.rstrip("/")
    page = base + reverse("saved_searches")
    # The secretariat sees all there is: no address alone may carry that.
    neutral = viewer.sees_all or search.feed_titles != SavedSearch.Titles.FULL
    since = timezone.now() - timedelta(days=FEED_DAYS)
    events = saved.events_since(viewer, since)
    new_at = {event.item: event.new_at for event in events if event.new_at > since}
    cards = []
    if new_at:
        found = find(
            replace(saved.listing_of(search), by_date=True),
            viewer,
            path="",
            fixed={"item": sorted(new_at)},
            facets=(),
            per_page=FEED_ENTRIES,
        )
        # What a correction finds is not what was saved.
        answered = found.source == "index" and not found.corrected
        cards = [card for card in found.cards if answered and not card.closed]
    feed = Atom1Feed(
        title=_("Saved search") if neutral else search.name,
        link=page,
        description="",
        language=get_language(),
        feed_guid=f"urn:uuid:{uuid5(NAMESPACE_URL, search.feed_digest or '')}",
    )
    for card in cards:
        secret = uuid5(NAMESPACE_URL, f"{search.feed_digest}:{card.item}")
        feed.add_item(
            title=_("Something new in a saved search") if neutral else card.title,
            link=page if neutral else base + card.url,
            description="" if neutral else card.summary,
            unique_id=f"urn:uuid:{secret}",
            pubdate=new_at[card.item],
            updateddate=new_at[card.item],
        )
    return feed
