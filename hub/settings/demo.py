"""The demo on one's own machine: open doors for trying, never for the public."""

from .base import *  # noqa: F403
from .base import env

SECRET_KEY = "demo-only-not-secret"
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
DEBUG = env.bool("DEBUG", default=False)
# The demo's mails are printed where the server runs.
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
# Accounts of the demo, all with the published password, exist only where this is set.
DEMO_ACCOUNTS = True
