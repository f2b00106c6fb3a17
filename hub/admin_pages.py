"""What Wagtail's admin does with one page in our way: sending it to review, and giving it its place."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from wagtail.admin.views.pages.edit import EditView
from wagtail.admin.views.pages.ordering import SetPagePositionView

from core import lines
from core.desk import desk_now
from core.models import HubPage
from groups.wagtail_hooks import SEND


class PageEdit(EditView):
    """The editor of a page."""

    def form_valid(self, form: Any) -> HttpResponse:
        """As Wagtail's; what is sent to review as it was is not saved anew.

        A new version would be the work of whoever sends it, who then could not be its second reader.
        """
        page = self.page
        if SEND in self.request.POST and page.has_workflow and page.latest_revision_id and not form.has_changed():
            return redirect("groups_send", page.pk)
        return super().form_valid(form)


class PagePlace(SetPagePositionView):
    """Where a page stands among those beside it."""

    def post(self, request: HttpRequest, page_to_move_id: int, *args: Any, **kwargs: Any) -> HttpResponse:
        """As Wagtail's for the secretariat; for people with an office the place is one in the list they are shown.

        Pages that are not theirs stand between their own, and are not counted.

        Raises:
            Http404: The person does not lead the group whose page is above, or the page is not there.
        """
        desk = desk_now()
        if desk is None:
            return super().post(request, page_to_move_id, *args, **kwargs)
        with transaction.atomic():
            lines.lock()
            page = get_object_or_404(HubPage.objects.filter(desk.own_pages), pk=page_to_move_id)
            parent = desk.page(page.line[-1].pk) if page.line else None
            if parent is None or not parent.permissions_for_user(request.user).can_reorder_children():
                raise Http404
            shown = list(HubPage.objects.filter(desk.own_pages).child_of(parent).order_by("path"))
            before = shown.index(page)
            place = min(int(request.GET.get("position") or len(shown)), len(shown) - 1)
            if place != before:
                page.move(shown[place], pos="left" if place < before else "right", user=request.user)
        return HttpResponse("")
