"""Who reads what is being written out now.

It is known from the request that is being answered; where there is none, as in a task or a feed, it
is anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

from core.access import ANONYMOUS, Viewer, viewer_of

_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)


class ReaderKnown:
    """Middleware: while a request is answered, links know who reads."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _request.set(request)
        try:
            return self.get_response(request)
        finally:
            _request.reset(token)


def request_now() -> HttpRequest | None:
    """The request that is answered now."""
    return _request.get()


def reader() -> Viewer:
    """Who reads what is being written out now."""
    request = request_now()
    return viewer_of(request) if request is not None else ANONYMOUS
