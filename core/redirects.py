"""Redirects behind the access rule."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from wagtail.contrib.redirects.middleware import RedirectMiddleware

from core.access import can_see, viewer_of
from core.models import HubPage


class GatedRedirectMiddleware(RedirectMiddleware):
    """Wagtail's redirects, but only to what the visitor may see; else the 404 stays as it was.

    A redirect to a page gives away that page's address, and with it often its title.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Follow a redirect whose target is an outside address or a page open to this visitor."""
        answer = super().process_response(request, response)
        if answer is response or not isinstance(answer, HttpResponseRedirectBase):
            return response
        target = urlsplit(answer.url)
        own = {"", request.get_host(), urlsplit(settings.WAGTAILADMIN_BASE_URL).netloc}
        if target.netloc not in own:
            return answer
        page = HubPage.at(target.path)
        if page is not None and page.live and can_see(viewer_of(request), page):
            return answer
        return response
