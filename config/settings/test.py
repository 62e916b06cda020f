"""The test suite: like production where it matters, fast where it does not."""

from config import env
from config.settings.base import *

DEBUG = False
INTERLOCK_DEMO = False
SECRET_KEY = "insecure-test-key"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]

DATABASES = {"default": env.database(default="postgresql://interlock@localhost/interlock")}

REDIS_URL = env.redis(default="redis://localhost:6379/0")
CELERY_BROKER_URL = env.broker(REDIS_URL)
CACHES = redis_cache(REDIS_URL)

INTERLOCK_EXHIBITS_DIR = str(VAR_DIR / "test" / "exhibits")
INTERLOCK_PACKS_DIR = str(VAR_DIR / "test" / "packs")

# Whatever the environment says: tests that ask a system start one.
INTERLOCK_ZOSMF_URL = ""

INTERLOCK_SEALER_DIR = env.text("INTERLOCK_SEALER_DIR", str(VAR_DIR / "test" / "sealer"))
INTERLOCK_SEAL_ANCHOR_FILE = INTERLOCK_SEAL_TSA_URL = ""
INTERLOCK_FAULT_AT = env.text("INTERLOCK_FAULT_AT", "")

EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = False
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
