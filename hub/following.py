"""The topics a person follows."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.access import viewer_of
from core.facets import topic_is_carried
from core.models import Topic
from hub.models import FollowedTopic


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def followed_topics(request: HttpRequest) -> HttpResponse:
    """Choose among the topics that pages open to the reader carry. Slugs that are none of them are passed over.

    A topic that was chosen while one of its pages was open stays chosen, unseen, until there is one again.
    """
    user: Any = request.user  # signed in, or login_required had turned it away
    offered = Topic.objects.filter(topic_is_carried(viewer_of(request)))
    if request.method == "POST":
        wanted = list(offered.filter(slug__in=request.POST.getlist("topic")[: Topic.objects.count()]))
        given_up = offered.exclude(pk__in=[topic.pk for topic in wanted])
        FollowedTopic.objects.filter(user=user, topic__in=given_up).delete()
        FollowedTopic.objects.bulk_create(
            [FollowedTopic(user=user, topic=topic) for topic in wanted], ignore_conflicts=True
        )
        messages.success(request, _("Your topics are saved."))
        return redirect("/")
    topics = list(offered)
    broad = [topic for topic in topics if topic.parent_id is None]
    for topic in broad:
        topic.choices = [topic, *(narrow for narrow in topics if narrow.parent_id == topic.pk)]  # type: ignore[attr-defined]
    chosen = set(FollowedTopic.objects.filter(user=user).values_list("topic", flat=True))
    return render(request, "hub/followed_topics.html", {"topics": broad, "chosen": chosen})
