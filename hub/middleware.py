"""What holds for every answer of the hub, whichever room gives it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from core.access import viewer_of

Answer = Callable[[HttpRequest], HttpResponse]

# Wagtail's admin has inline scripts and styles of its own (date choosers, previews in a frame).
ADMIN_POLICY = {
    "default-src": [SELF],
    "script-src": [SELF, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "blob:"],
    "connect-src": [SELF],
    "frame-src": [SELF],
    "frame-ancestors": [SELF],
    "form-action": [SELF],
    "base-uri": [SELF],
    "object-src": [NONE],
}


class PrivateAnswers:
    """Nothing that was made for a person is kept by a cache.

    Answers to a request without a session cookie are the same for everybody and may be kept for a
    minute by a cache in front of the hub; all others are ``private, no-store``.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        patch_vary_headers(response, ["Cookie"])
        is_personal = settings.SESSION_COOKIE_NAME in request.COOKIES or response.cookies
        if is_personal:
            response["Cache-Control"] = "private, no-store"
        elif not response.has_header("Cache-Control"):
            fresh = request.method in ("GET", "HEAD") and response.status_code == 200
            response["Cache-Control"] = "public, max-age=0, s-maxage=60" if fresh else "no-store"
        return response


class AdminForStaff:
    """Wagtail's admin is the secretariat's alone.

    Leads and authors get it with the publishing rules of their own; until then the secretariat
    publishes for the groups. Strangers are asked to sign in, for everybody else there is no admin.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path_info.startswith("/admin/"):
            response._csp_replace = ADMIN_POLICY  # type: ignore[attr-defined]
        return response

    def process_view(self, request: HttpRequest, *args: Any) -> HttpResponse | None:
        """Turn away whoever is not of the secretariat, whatever under the admin was asked for."""
        if not request.path_info.startswith("/admin/"):
            return None
        viewer = viewer_of(request)
        if not viewer.signed_in:
            return redirect_to_login(request.get_full_path(), reverse("account_login"))
        if not viewer.sees_all:
            raise Http404
        return None


class OneTransaction:
    """Each request that may write runs in one transaction: all of it happens, or nothing.

    Not ``ATOMIC_REQUESTS``: SQLite takes its one write lock at the start of each transaction, so
    reading must stay outside. Must stand last, to wrap the view itself.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Call the view inside a transaction, unless it only reads."""
        if request.method in ("GET", "HEAD", "OPTIONS", "TRACE"):
            return None
        with transaction.atomic():
            response: HttpResponse = view(request, *args, **kwargs)
            return response
