"""The demo and development on one machine: plain HTTP on the loopback interface."""

from config import env
from config.settings.base import *

# `make run` leaves the addresses of its services here, so that manage.py finds them.
env.load(VAR_DIR / "services.env")

DEBUG = env.flag("DEBUG", False)
INTERLOCK_DEMO = env.flag("INTERLOCK_DEMO", True)
INTERLOCK_DEMO_PASSWORD = "night shift at northgate"
SECRET_KEY = env.text("SECRET_KEY", "insecure-development-key")
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.items("CSRF_TRUSTED_ORIGINS", [])

DATABASES = {"default": env.database(default="postgresql://interlock_app@localhost/interlock")}
DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 8, "timeout": 10}

REDIS_URL = env.redis(default="redis://localhost:6379/0")
CELERY_BROKER_URL = env.broker(REDIS_URL)
CACHES = redis_cache(REDIS_URL)

# Not outside the reach of whoever administers this machine, but it shows what an anchor gets.
INTERLOCK_SEAL_ANCHOR_FILE = env.text(
    "INTERLOCK_SEAL_ANCHOR_FILE", str(VAR_DIR / "anchor" / "checkpoints.txt")
)

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"

WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
