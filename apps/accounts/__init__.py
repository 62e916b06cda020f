"""Who: users, role grants, teams, and the duties that one person may not combine."""
