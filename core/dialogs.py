"""The dialog "Who may read" in Wagtail's editor, and the button beside a document that has its text read again."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.admin import messages
from wagtail.permissions import policy_registry

from core import filetexts, lines
from core.audience import close_files, files_left_open, set_audience
from core.forms import AudienceForm
from core.models import HubDocument, HubPage


@require_http_methods(["GET", "HEAD", "POST"])
def who_may_read(request: HttpRequest, page_id: int) -> HttpResponse:
    """Change who may read a page and all below it. For those who may publish it."""
    page = _page(request, page_id)
    now = {"audience": page.audience, "working_group": page.working_group, "teaser": page.teaser, "all_languages": True}
    form = AudienceForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            changed = set_audience(
                page,
                wanted["audience"],
                wanted["working_group"],
                request.user,
                wanted["all_languages"],
                teaser=wanted["teaser"],
            )
        except ValidationError as error:
            for field, problems in error.message_dict.items():
                form.add_error(field if field in form.fields else None, problems)
        else:
            messages.success(
                request,
                ngettext(
                    "Who may read is changed, here and for %(number)d page in all.",
                    "Who may read is changed, here and for %(number)d pages in all.",
                    len(changed),
                )
                % {"number": len(changed)},
            )
            if files_left_open(page):
                return redirect("core_close_files", page.pk)
            return redirect("wagtailadmin_pages:edit", page.pk)
    context = {
        "page": page,
        "form": form,
        "above": lines.state_above(page.path),
        "below": HubPage.objects.filter(lines.subtree(page.path, inclusive=False)).count(),
    }
    return render(request, "core/admin/who_may_read.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def files_too(request: HttpRequest, page_id: int) -> HttpResponse:
    """Offer to close the files that nothing needs so open any more."""
    page = _page(request, page_id)
    if request.method == "POST":
        number = close_files(page)
        messages.success(
            request, ngettext("%(number)d file is closed.", "%(number)d files are closed.", number) % {"number": number}
        )
        return redirect("wagtailadmin_pages:edit", page.pk)
    return render(request, "core/admin/files_too.html", {"page": page, "files": files_left_open(page)})


@require_POST
def read_again(request: HttpRequest, document_id: int) -> HttpResponse:
    """Have the text of a document read again. For those who may change it."""
    document = get_object_or_404(HubDocument, pk=document_id)
    policy = policy_registry.get_by_type(HubDocument)
    if not policy.user_has_permission_for_instance(request.user, "change", document):
        raise PermissionDenied
    filetexts.wait(document)
    messages.success(request, _("The text of the file is read again. This takes a moment."))
    return redirect("wagtaildocs:edit", document.pk)


def _page(request: HttpRequest, page_id: int) -> HubPage:
    page = get_object_or_404(HubPage, pk=page_id).specific
    if not page.permissions_for_user(request.user).can_publish():
        raise PermissionDenied(_("Only those who may publish a page can change who may read it."))
    return page
