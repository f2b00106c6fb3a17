"""The member's own page."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from .forms import AccountForm
from .models import Tier, User
from .standing import groups_of, opened_by, standing_of


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """What my membership is and opens, my groups, and the settings that are mine to change."""
    # A person of its own for the form: what it refuses must not show in the page's header.
    person = cast(User, request.user)
    user = User.objects.get(pk=person.pk)
    form = AccountForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your settings are saved."))
        return redirect("account")
    standing = standing_of(person)
    opens, closed = opened_by(standing.tier) if standing.is_member and standing.tier else ([], [])
    groups = groups_of(person) if standing.is_member else []
    return render(
        request,
        "members/account.html",
        {
            "form": form,
            "standing": standing,
            "opens": opens,
            "closed": closed,
            "tiers_with_all": Tier.objects.filter(full_access=True) if closed else [],
            "groups": groups,
            "has_desk": person.is_secretariat or any(one.offices for one in groups),
        },
    )
