from apps.evidence.management.refusing import Refusing


class Command(Refusing):
    why = (
        "History is never deleted: "
        "it is what the ledger is held against. Bodies that may go are erased by purge_evidence."
    )
