"""How moments are written: unambiguous and on the 24-hour clock."""
