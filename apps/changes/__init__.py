"""Governance: may this change go to production? Knows nothing of how it is moved."""
