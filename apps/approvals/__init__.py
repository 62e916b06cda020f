"""Who signed: slots that ask for a signature, the decisions in them, and their quorum."""
