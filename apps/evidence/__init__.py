"""What happened: the append-only ledger, the door that writes it, and the guards under it."""
