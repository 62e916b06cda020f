from apps.evidence.management.refusing import Refusing


class Command(Refusing):
    why = "History is never deleted: two equal versions are two things that happened."
