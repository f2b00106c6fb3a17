"""Signing in and out, and passwords: allauth, cut down to what the hub offers.

Nobody opens an account alone (joining comes through the secretariat), and no answer tells whether
an address is known here.
"""

from __future__ import annotations

from typing import Any, cast

from allauth.account import forms, views
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.userkit import filter_users_by_email
from allauth.core import context, ratelimit
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse, translate_url
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from .devices import forget_all, forget_others
from .models import User
from .password_link import ask_for_password_link


class AccountAdapter(DefaultAccountAdapter):
    """What allauth asks the hub."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "This address and password do not belong together. Check both, or set a new password."
        ),
        "too_many_login_attempts": _("Too many tries. Wait five minutes, then try again or set a new password."),
        "enter_current_password": _("This is not your current password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def format_email_subject(self, subject: str) -> str:
        """The subject alone: a preview on a locked phone says no more than it must."""
        return str(subject)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The home page in the person's own language."""
        url = settings.LOGIN_REDIRECT_URL
        language = cast(User, request.user).language
        return translate_url(url, language) if language in dict(settings.LANGUAGES) else url

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Set it, and forget the failed tries before: the new one is known to be right."""
        super().set_password(user, password)
        address = user.get_username()
        ratelimit.clear(
            context.request,
            action="login_failed",
            key=self._get_login_attempts_cache_key(context.request, email=address),
        )


class LoginForm(forms.LoginForm):
    """Address, password and whether to stay signed in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worded(self, "login", _("E-mail address"), autocomplete="username")
        worded(self, "password", _("Password"))
        worded(self, "remember", _("Stay signed in on this device"))


class ChangePasswordForm(forms.ChangePasswordForm):
    """The password one has, and the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worded(self, "oldpassword", _("Current password"))
        worded(self, "password1", _("New password"), keep_help=True)
        worded(self, "password2", _("New password, once more"))


class ResetPasswordForm(forms.ResetPasswordForm):
    """The address to send a link to.

    For a known and an unknown address the same is done before the answer: one look-up and one row
    for the worker, which writes to nobody when there is nobody to write to.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worded(self, "email", _("E-mail address"), autocomplete="username")

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def save(self, request: HttpRequest, **kwargs: object) -> str:
        address = self.cleaned_data["email"]
        found = filter_users_by_email(address, is_active=True, for_login=True)
        ask_for_password_link(found[0] if found else None)
        return address


class ResetPasswordKeyForm(forms.ResetPasswordKeyForm):
    """The new password, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worded(self, "password1", _("New password"), keep_help=True)
        worded(self, "password2", _("New password, once more"))


def worded(form: Any, name: str, label: Any, *, autocomplete: str = "", keep_help: bool = False) -> None:
    """Give a field of allauth's our label; a placeholder that repeats it goes."""
    field = form.fields[name]
    field.label = label
    field.widget.attrs.pop("placeholder", None)
    if autocomplete:
        field.widget.attrs["autocomplete"] = autocomplete
    if not keep_help:
        field.help_text = ""


class LoginView(views.LoginView):
    """Signs in, and asks the browser to forget what another person kept in it."""

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        if self.request.user.is_authenticated:
            forget_others(self.request, response)
        return response


class LogoutView(views.LogoutView):
    """Signs out, and asks the browser to forget all it kept: pages, guidebooks, what was filled in."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().post(*args, **kwargs)
        forget_all(response)
        return response


class PasswordChangeView(views.PasswordChangeView):
    """Changes a password; who has none yet gets one by the link in an e-mail."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not request.user.has_usable_password():
            return redirect("account_reset_password")
        return super().dispatch(request, *args, **kwargs)


login = never_cache(LoginView.as_view())
logout = never_cache(LogoutView.as_view())
account_inactive = never_cache(views.account_inactive)
password_change = never_cache(PasswordChangeView.as_view())
password_reset = never_cache(views.password_reset)
password_reset_done = never_cache(views.password_reset_done)
password_reset_from_key = never_cache(views.password_reset_from_key)
password_reset_from_key_done = never_cache(views.password_reset_from_key_done)
