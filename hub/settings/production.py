"""The public hub. Refuses to start when something here is unsafe."""

from django.core.exceptions import ImproperlyConfigured

from .base import *  # noqa: F403
from .base import ALLOWED_HOSTS, DEBUG, SECRET_KEY, env

if len(SECRET_KEY) < 50 or SECRET_KEY.startswith(("demo", "test")):
    raise ImproperlyConfigured("Set SECRET_KEY to 50 random characters or more: see docs/settings.md")
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("Set ALLOWED_HOSTS to the hub's own names: see docs/settings.md")
if DEBUG:
    raise ImproperlyConfigured("DEBUG must stay off in production")

DEMO_ACCOUNTS = False
SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31536000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
