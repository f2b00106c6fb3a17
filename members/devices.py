"""What a browser keeps for a person beyond her session, and how it is told to forget it.

Kept guidebooks and filled-in worksheets lie in the browser alone. A cookie of the browser, ``kept_by``, says whose they
are, by a mark that names nobody; scripts set it when something is kept at the reader's wish.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac

KEPT_BY = "kept_by"
FORGET = '"cache", "storage"'
"""Clear-Site-Data: pages, kept copies, their worker and what was filled in; not cookies, which signing out ends."""


def owner_of(request: HttpRequest) -> str:
    """The mark of whoever is signed in, the same on all devices; empty for strangers, whose session it leaves alone."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
        return ""
    return owner_of_person(request.user.pk)


def forget_all(response: HttpResponseBase) -> None:
    """Tell the browser to forget all it keeps: somebody signs out."""
    response["Clear-Site-Data"] = FORGET
    response.delete_cookie(KEPT_BY)


def forget_others(request: HttpRequest, response: HttpResponseBase) -> None:
    """Tell the browser to forget what another person keeps in it: somebody has signed in."""
    kept_by = request.COOKIES.get(KEPT_BY, "")
    if kept_by and kept_by != owner_of_person(request.user.pk):
        forget_all(response)


def owner_of_person(pk: object) -> str:
    """The mark of a person."""
    return salted_hmac("members.devices", str(pk)).hexdigest()[:20]
