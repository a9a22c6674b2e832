"""Settings of the site: what a Django process needs to know, drawn from the place it serves.

SQLite is the default (write-ahead log, immediate transactions, every commit on the disk before it
is acknowledged); PostgreSQL by one line of `clinic.toml`. Nothing here is a secret. Time-zone
rules come from the pinned `tzdata` package and not from the machine, which may be years behind.
"""

from __future__ import annotations

import os
import zoneinfo
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import django
import django_stubs_ext

from clinic.place import DATABASE_FILE, READ_ONLY, place_from_environment

django_stubs_ext.monkeypatch()
zoneinfo.reset_tzpath(())

PLACE = place_from_environment()
BASE = Path(__file__).parent
_ADDRESS = urlsplit(PLACE.address)
IS_SECURE = _ADDRESS.scheme == "https"
IS_LOOPBACK = _ADDRESS.hostname in {"localhost", "127.0.0.1", "::1"}

DEBUG = False
SECRET_KEY = PLACE.keys.site
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"] if IS_LOOPBACK else [_ADDRESS.hostname or ""]
CSRF_TRUSTED_ORIGINS = [PLACE.address] if IS_SECURE else []
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if IS_SECURE and PLACE.trusted_proxies else None
)

INSTALLED_APPS = [
    "clinic.audit",
    "clinic.outbox",
    "clinic.accounts",
    "clinic.practice",
    "clinic.patients",
    "clinic.records",
    "clinic.assessment",
    "clinic.booking",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

MIDDLEWARE = [
    "clinic.security.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "clinic.shell.RefuseTooMuch",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "clinic.gate.Gate",
]

ROOT_URLCONF = "clinic.urls"
WSGI_APPLICATION = "clinic.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinic.shell.shell",
            ],
            "builtins": ["clinic.practice.templatetags.words"],
        },
    }
]
FORM_RENDERER = "clinic.shell.Forms"


# A database machine that vanishes is given up after half a minute; the names are libpq's.
VANISHED_AFTER = {
    "connect_timeout": "10",  # seconds
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "25000",  # milliseconds
}


def database(address: str, folder: Path) -> dict[str, Any]:
    """Django's description of the database at `address`, or of the one in `folder`."""
    if not address:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(folder / DATABASE_FILE),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 10,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                " PRAGMA foreign_keys=ON;",
            },
        }
    parts = urlsplit(address)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": VANISHED_AFTER
        | dict(pair.partition("=")[::2] for pair in unquote(parts.query).split("&") if "=" in pair),
    }


DATABASES = {"default": database(PLACE.database, PLACE.folder)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "site_cache",
        "OPTIONS": {
            "MAX_ENTRIES": 100_000
        },  # tries are counted here; a flood must not push them out
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "clinic.accounts.passwords.NotCommon"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
]

ACCOUNT_ADAPTER = "clinic.accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # the invitation proves the address
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "reset_password": "20/m/ip,5/m/key",
    "open_link": "30/m/ip",
    "hold_place": "30/h/ip",
    "ask_for_visit": "20/h/ip,5/h/key",
}
ALLAUTH_TRUSTED_PROXY_COUNT = PLACE.trusted_proxies
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

MFA_ADAPTER = "clinic.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = IS_LOOPBACK and not IS_SECURE  # localhost has no certificate

SESSION_ENGINE = "clinic.accounts.sessions"
SESSION_COOKIE_NAME = "__Host-session" if IS_SECURE else "session"
SESSION_COOKIE_SECURE = IS_SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "__Host-csrf" if IS_SECURE else "csrf"
CSRF_COOKIE_SECURE = IS_SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "clinic.shell.csrf_failure"
IS_READ_ONLY = os.environ.get(READ_ONLY) == "yes"  # said by `serve` when the audit is broken
IDLE_MINUTES = 15
SESSION_HOURS = 12

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
# A file of ten megabytes and the form around it. It stays in memory: a disk would keep its text.
UPLOAD_AT_MOST = 11 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = UPLOAD_AT_MOST
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE / "static", ("report", Path(str(files("myotome.report") / "static")))]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# Letters leave by the outbox alone; Django's own way of mailing leads nowhere.
_NOWHERE = "django.core.mail.backends.dummy.EmailBackend"
if django.VERSION < (6, 1):
    EMAIL_BACKEND = _NOWHERE
else:
    MAILERS = {"default": {"BACKEND": _NOWHERE}}
DEFAULT_FROM_EMAIL = PLACE.mail_from

# Requests are not logged: an address holds a patient's key, and a traceback may hold more.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "loggers": {
        "clinic": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "django": {"handlers": ["stderr"], "level": "CRITICAL", "propagate": False},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
