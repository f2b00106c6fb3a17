"""The dialog "Editions" in Wagtail's editor: closing one, and taking one away that does harm."""

from __future__ import annotations

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages
from wagtail.log_actions import log

from core.access import NOBODY
from core.edition_pages import address_of
from core.editions import KINDS, close_edition, next_number, withdraw
from core.models import HubPage


class EditionForm(forms.Form):
    """What an edition is called."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=60,
        help_text=gettext_lazy("As it is cited, such as “Edition 1, May 2026”. Up to 60 characters."),
    )
    number = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=1000)


@require_http_methods(["GET", "HEAD", "POST"])
def editions(request: HttpRequest, page_id: int) -> HttpResponse:
    """The editions of a page; close the next one, or take one away. For those who may publish the page."""
    page: HubPage = get_object_or_404(HubPage, pk=page_id, kind__in=KINDS, alias_of=None).specific
    if not page.permissions_for_user(request.user).can_publish():
        raise PermissionDenied(_("Only those who may publish a page can close an edition of it."))
    if request.method == "POST" and "withdraw" in request.POST:
        kept = page.editions.filter(pk__in=[pk for pk in request.POST.getlist("withdraw") if pk.isdecimal()]).first()
        if kept is not None:
            withdraw(kept)
            log(instance=page, action="hub.withdraw_edition", user=request.user, data={"number": kept.number})
        messages.success(request, _("The edition is taken away."))
        return redirect("core_editions", page.pk)
    number = next_number(page)
    month = formats.date_format(timezone.now(), "YEAR_MONTH_FORMAT")
    proposed = _("Edition %(number)d, %(month)s") % {"number": number, "month": month}
    form = EditionForm(request.POST or None, initial={"name": proposed, "number": number})
    if request.method == "POST" and form.is_valid():
        try:
            kept, is_new = close_edition(page, form.cleaned_data["name"], form.cleaned_data["number"], request.user)
        except ValidationError as error:
            form.add_error(None if not hasattr(error, "error_dict") else "name", error.messages)
        else:
            if is_new:
                log(instance=page, action="hub.close_edition", user=request.user, data={"number": kept.number})
            messages.success(request, _("The edition is closed. Its address stays."))
            return redirect("core_editions", page.pk)
    shown = [(kept, address_of(kept)) for kept in page.editions.exclude(access_key=NOBODY).order_by("-number")]
    return render(request, "core/admin/editions.html", {"page": page, "form": form, "editions": shown})
