"""What is true for every hub. Each variable read here is explained in docs/settings.md."""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from .search_url import search_backend

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()

# Everything made at run time lives here: database, index, uploaded files, collected static files.
VAR_DIR = Path(env.str("HUB_VAR", default=str(BASE_DIR / "var")))

VAR_DIR.mkdir(parents=True, exist_ok=True)

SECRET_KEY = env.str("SECRET_KEY", default="")
# Secrets of before: what they sealed can still be opened (private notes, sessions).
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "hub",
    "resources",
    "guidebooks",
    "events",
    "standards",
    "groups",
    "core",
    "members",
    "search",
    "wagtail.contrib.redirects",
    "wagtail.contrib.simple_translation",
    "wagtail.contrib.typed_table_block",
    "wagtail.sites",
    "members.apps.PeopleAdminConfig",  # wagtail.users with our forms: one display name
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "groups.apps.QuietAdminConfig",  # wagtail.admin without its mails, whose subjects name pages
    "wagtail",
    "modelcluster",
    "taggit",
    "django_tasks",
    "django_tasks_db",
    "django_htmx",
    "csp",
    "django_countries",
    "allauth",
    "allauth.account",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "hub.middleware.PrivateAnswers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.reader.ReaderKnown",
    "core.redirects.GatedRedirectMiddleware",
    "hub.reads.CountReads",
    "hub.middleware.AdminForStaff",
    "hub.middleware.OneTransaction",
]

ROOT_URLCONF = "hub.urls"
WSGI_APPLICATION = "hub.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "hub.context.site",
            ],
            "builtins": ["core.templatetags.desk"],
        },
    },
]

# Database: SQLite in one file, or what DATABASE_URL names.
# SQLite takes its one write lock at the start of each transaction (IMMEDIATE): in the default mode
# most concurrent read-then-write transactions are refused.
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'hub.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": env.cache("CACHE_URL", default="locmemcache://"),
    # A rendition kept by one process would keep its old address after its picture is closed.
    "renditions": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}

# Tasks: Wagtail's own run at once; slow work of ours goes to the queue in the database.
TASKS = {
    "default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"},
    "slow": {"BACKEND": "django_tasks_db.DatabaseBackend"},
}

# Bytes of the largest file whose text the web server reads itself, beside its work, at once after the upload; larger
# ones are left to the worker. 0: the worker reads all.
READ_FILES_AT_ONCE = 5 * 1024 * 1024

# People
AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "display_name", "legal_name"]},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "members.accounts.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "members.accounts.LoginForm",
    "change_password": "members.accounts.ChangePasswordForm",
    "reset_password": "members.accounts.ResetPasswordForm",
    "reset_password_from_key": "members.accounts.ResetPasswordKeyForm",
}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
# allauth's own generator keeps a second list of addresses; the one on the person is enough.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"
# How many proxies of ours stand before the hub: tries to sign in are counted per visitor's address.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
# Nobody sets a password for somebody else: people get a link by e-mail.
WAGTAILUSERS_PASSWORD_ENABLED = False
MEMBERSHIP_GRACE_DAYS = env.int("MEMBERSHIP_GRACE_DAYS", default=30)
# Slugs of topics about looking after oneself: of their readers, and of those of narrower topics, nothing is noted.
WELL_BEING_TOPICS = env.list("WELL_BEING_TOPICS", default=["looking-after-oneself"])

# Languages: English stands without a prefix, the others under theirs.
LANGUAGE_CODE = "en"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [
    ("en", _("English")),
    ("de", _("German")),
    ("fr", _("French")),
    ("ar", _("Arabic")),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["hub.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Static files and uploads. Nothing under MEDIA_ROOT has an address of its own.
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "media"
# Where nginx sends files itself after our rule (X-Accel-Redirect): its internal location.
SENDFILE_PREFIX = env.str("SENDFILE_PREFIX", default="")
STORAGES = {
    "default": {"BACKEND": "core.storage.PrivateStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Wagtail
WAGTAIL_SITE_NAME = "INDEX"
WAGTAILADMIN_BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000")
WAGTAIL_I18N_ENABLED = True
WAGTAILSEARCH_BACKENDS = {
    "default": search_backend(
        env.str("SEARCH_URL", default=""),
        path=VAR_DIR / "index",
        database=DATABASES["default"]["ENGINE"],
        config=env.str("SEARCH_CONFIG", default="simple"),
    ),
}
# Four eyes: the last approval publishes, and a changed version is approved anew.
WAGTAIL_FINISH_WORKFLOW_ACTION = "groups.finishing.publish_approved"
WAGTAIL_WORKFLOW_REQUIRE_REAPPROVAL_ON_EDIT = True
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAILREDIRECTS_AUTO_CREATE = False
WAGTAILADMIN_EXTERNAL_LINK_CONVERSION = ""
WAGTAILIMAGES_IMAGE_MODEL = "core.HubImage"
WAGTAILDOCS_DOCUMENT_MODEL = "core.HubDocument"
WAGTAILIMAGES_IMAGE_FORM_BASE = "hub.admin_files.ImageForm"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "hub.admin_files.DocumentForm"
WAGTAILIMAGES_EXTENSIONS = ["jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
DOCUMENT_MAX_UPLOAD_SIZE = 50 * 1024 * 1024
WAGTAILDOCS_EXTENSIONS = ["pdf", "docx", "pptx", "xlsx", "odt", "txt", "md", "csv"]

# What a browser may do on our pages. The Wagtail admin has a policy of its own (hub.middleware).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "SAMEORIGIN"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True

# Mail
EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="INDEX <hub@localhost>")

# Logs hold ids, never names, addresses, titles or queries: our readers can be at risk.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # Wagtail and Django write titles and addresses of pages at these levels.
    "loggers": {
        "wagtail": {"level": "ERROR"},
        "django.request": {"level": "CRITICAL"},
        "django.security": {"level": "ERROR"},
    },
}
