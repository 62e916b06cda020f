from apps.evidence.management.refusing import Refusing


class Command(Refusing):
    why = "History is never made up: every version is written together with its entry."
