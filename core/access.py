"""Who may see what: the one access rule of the hub.

A thing that can be seen carries an *access key*: ``public``, ``members``, ``full``, ``group:<id>``,
``group:<id>+full`` or ``nobody``. A viewer holds a set of keys. The whole rule is: *is the thing's
key among the viewer's keys?* ``visible`` says it for rows, ``can_see`` for one object in hand, and
search takes the viewer's keys into the engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from django.conf import settings
from django.db.models import Q, TextChoices
from django.http import HttpRequest
from django.utils.functional import LazyObject
from django.utils.translation import gettext_lazy as _

from members.rights import rights_of


class Audience(TextChoices):
    """What an editor chooses; the access key is what comes of it together with the ancestors'."""

    PUBLIC = "public", _("Everyone")
    MEMBERS = "members", _("Members")
    FULL = "full", _("Full members")
    GROUP = "group", _("The working group")
    GROUP_FULL = "group_full", _("Full members of the working group")


PUBLIC, MEMBERS, FULL, NOBODY = "public", "members", "full", "nobody"
TIERS = (PUBLIC, MEMBERS, FULL)


@dataclass(frozen=True)
class Viewer:
    """What the rule may know about a person; nothing else reaches it."""

    keys: frozenset[str] = frozenset({PUBLIC})
    sees_all: bool = False
    signed_in: bool = False

    @property
    def is_member(self) -> bool:
        """Whether his or her membership is current, grace included."""
        return MEMBERS in self.keys

    @property
    def groups(self) -> frozenset[int]:
        """The working groups whose pages the viewer may read as one of them."""
        return frozenset(group for key in self.keys if (group := _scales(key)[1]) is not None)


ANONYMOUS = Viewer()


class Keyed(Protocol):
    """Anything that carries an access key."""

    access_key: str


def visible(viewer: Viewer) -> Q:
    """Rows the viewer may see, as a filter for any model with an ``access_key``."""
    # An empty Q vanishes beside "or" and would leave only the other side.
    return ~Q(pk__in=[]) if viewer.sees_all else Q(access_key__in=sorted(viewer.keys))  # one question, one text


def can_see(viewer: Viewer, thing: Keyed) -> bool:
    """The same rule for one object in hand. An unknown key is closed."""
    return viewer.sees_all or thing.access_key in viewer.keys


def viewer_for(user: Any, on: date | None = None) -> Viewer:
    """The viewer a person is on one day (today unless given), from memberships current that day."""
    if not user.is_authenticated:
        return ANONYMOUS
    rights = rights_of(user, on)
    keys = {PUBLIC}
    if rights.is_member:
        keys.add(MEMBERS)
        keys.update(group_key(group) for group in rights.groups)
        if rights.full_access:
            keys.add(FULL)
            keys.update(group_key(group, full=True) for group in rights.groups)
    return Viewer(frozenset(keys), sees_all=rights.sees_all, signed_in=True)


def viewer_of(request: HttpRequest) -> Viewer:
    """The viewer of a request, derived once.

    A request without a session cookie is anonymous and does not touch the session, so that the
    answer stays cacheable.
    """
    viewer: Viewer | None = getattr(request, "_viewer", None)
    if viewer is None:
        user = getattr(request, "user", None)
        # The middleware's lazy user without a cookie is nobody; looking would touch the session.
        is_nobody = user is None or (
            isinstance(user, LazyObject) and settings.SESSION_COOKIE_NAME not in request.COOKIES
        )
        viewer = ANONYMOUS if is_nobody else viewer_for(user)
        request._viewer = viewer  # type: ignore[attr-defined]
    return viewer


def group_key(group: int, *, full: bool = False) -> str:
    """The key of a working group, or of its full members."""
    return f"group:{group}+full" if full else f"group:{group}"


def own_key(audience: str, group: int | None) -> str:
    """The key an audience asks for by itself. A group audience without a group is for nobody."""
    if audience in TIERS:
        return audience
    if group is None or audience not in Audience.values:
        return NOBODY
    return group_key(group, full=audience == Audience.GROUP_FULL)


def audience_of(key: str) -> tuple[str, int | None]:
    """The audience and group that ask for exactly this key; the inverse of ``own_key``."""
    if key in TIERS:
        return key, None
    if key == NOBODY:
        return Audience.GROUP, None
    tier, group = _scales(key)
    return (Audience.GROUP_FULL if tier == 2 else Audience.GROUP), group


def fold(*keys: str) -> str:
    """The key of something to which all these keys apply: the stricter counts on each scale.

    Tier and group are two scales. Two different groups in one line leave nobody.

    >>> fold("full", "group:3")
    'group:3+full'
    >>> fold("group:3", "group:4")
    'nobody'
    """
    tier, group = 0, None
    for key in keys:
        if key == NOBODY:
            return NOBODY
        key_tier, key_group = _scales(key)
        tier = max(tier, key_tier)
        if key_group is not None:
            if group is not None and key_group != group:
                return NOBODY
            group = key_group
    return TIERS[tier] if group is None else group_key(group, full=tier == 2)


def is_as_strict(key: str, than: str) -> bool:
    """Whether everyone who may see by ``key`` may also see by ``than``."""
    return fold(key, than) == key


def tier_of(key: str) -> int:
    """How high a key asks on the scale of tiers: 0 everyone, 1 members, 2 full members, 3 nobody."""
    return 3 if key == NOBODY else _scales(key)[0]


def _scales(key: str) -> tuple[int, int | None]:
    if key in TIERS:
        return TIERS.index(key), None
    group, plus, _full = key.removeprefix("group:").partition("+")
    return (2 if plus else 1), int(group)
