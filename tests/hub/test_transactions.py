"""A request that writes does all of it, or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models.signals import post_save
from django.test import Client

from members.models import User
from tests import personas

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_request_that_fails_half_way_leaves_nothing_behind():
    person = personas.make_personas()["full"]
    client = Client(raise_request_exception=False)
    client.force_login(person)

    def fail(sender: Any, instance: User, **kwargs: Any) -> None:
        raise RuntimeError("half way")

    data = {"display_name": "Another name", "language": "de", "time_zone": "UTC"}
    post_save.connect(fail, sender=User)
    try:
        assert client.post("/account/", data).status_code == 500
    finally:
        post_save.disconnect(fail, sender=User)
    assert User.objects.get(pk=person.pk).display_name == person.display_name
    assert client.post("/account/", data).status_code == 302
    assert User.objects.get(pk=person.pk).display_name == "Another name"
