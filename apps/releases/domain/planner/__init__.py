"""Plan a night: the shortest plan that people and systems allow, and how long one may turn back.

`work` says what is planned, `network` what precedence alone demands, `solver` finds the shortest
plan (the only module that knows OR-Tools), `plan` reads from it what the people of the night need
to know. `what_if` plans again with one thing changed, and `vetoes` says what breaks then;
`simulation` runs the plan again and again with durations as they were.

Times are whole minutes after the opening of the window.
"""
