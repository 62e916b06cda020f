"""The sealer: sequence, sign, publish.

It runs as its own process with its own role in the database and a private folder outside it, which
keeps the key, how far the tree was signed, and every checkpoint. What was signed is never derived
from the database again: that is what makes a rewritten database show.
"""
