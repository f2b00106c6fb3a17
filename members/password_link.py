"""The e-mail with a link to set a new password, written and sent by the worker."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import int_to_base36
from django.utils.translation import override
from django_tasks import task

from .models import User


def ask_for_password_link(user: User | None) -> None:
    """Leave a row for the worker to send ``user`` the link.

    The row is left for nobody (None) as well, so that asking takes the same time for an address
    that is not known here. It holds the person's number, never an address.
    """
    send_password_link.enqueue(user.pk if user else 0)


@task(backend="slow")
def send_password_link(user_id: int) -> None:
    """Send one active person the link, in his or her language. Unknown numbers get nothing."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    with override(user.hub_language):
        words = {"link": password_link(user), "days": settings.PASSWORD_RESET_TIMEOUT // 86400}
        subject = render_to_string("account/email/password_link_subject.txt", words)
        text = render_to_string("account/email/password_link_message.txt", words)
        try:
            send_mail(" ".join(subject.split()), text.strip() + "\n", None, [user.email])
        except OSError:
            # What the mail server says names the address, and the queue keeps what went wrong.
            raise RuntimeError(f"No link sent to person {user_id}: mail server failed") from None


def password_link(user: User) -> str:
    """The address, on this hub's own name (BASE_URL), under which ``user`` sets a new password.

    It holds until it is used, the person signs in, or PASSWORD_RESET_TIMEOUT seconds are over.
    """
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": int_to_base36(user.pk), "key": default_token_generator.make_token(user)},
    )
    return settings.WAGTAILADMIN_BASE_URL.rstrip("/") + path
