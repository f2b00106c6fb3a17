"""What holds for every answer of the hub, whichever room gives it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.db.models import ProtectedError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from core.access import viewer_of
from core.desk import desk_for
from groups.permissions import settle
from hub.admin_doors import is_open
from members.models import User

Answer = Callable[[HttpRequest], HttpResponse]
ADMIN = "/admin/"

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
    """Wagtail's admin is the secretariat's, and by named doors that of leads and authors (``hub.admin_doors``).

    Strangers are asked to sign in, for everybody else there is no admin. Whether somebody leads or writes for a
    working group is read at each request: the day after the last day of an office everything here is shut.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path_info.startswith(ADMIN):
            response._csp_replace = ADMIN_POLICY  # type: ignore[attr-defined]
        return response

    def process_view(self, request: HttpRequest, *args: Any) -> HttpResponse | None:
        """Turn away whoever may not pass, whatever under the admin was asked for."""
        if not request.path_info.startswith(ADMIN):
            return None
        viewer = viewer_of(request)
        if not viewer.signed_in:
            return redirect_to_login(request.get_full_path(), reverse("account_login"))
        if viewer.sees_all:
            return None
        user = cast(User, request.user)
        desk = desk_for(user)
        if desk is None or not desk.offices:
            raise Http404
        settle(user, desk.offices)
        # A group without its space (groups.provisioning) gives nobody rights in Wagtail.
        if not user.has_perm("wagtailadmin.access_admin"):
            raise Http404
        if request.resolver_match is None or not is_open(desk, request, request.resolver_match):
            raise Http404
        request.desk = desk  # type: ignore[attr-defined]
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
        try:
            with transaction.atomic():
                response: HttpResponse = view(request, *args, **kwargs)
                return response
        except ProtectedError:
            if not request.path_info.startswith(ADMIN):
                raise
            # Wagtail looks before it deletes; of what stands on closed pages it does not tell (hub.admin_lists).
            messages.error(request, _("This cannot be deleted: something on the hub still uses it."))
            return redirect("wagtailadmin_home")
