"""The bench of the order runs, at a size of no meaning; nothing here is timed."""

from __future__ import annotations

import json

import pytest

from bench import ordering


def test_it_tells_how_many_edges_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    ordering.main(["--steps", "40", "--rounds", "1"])
    _times, edges = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert edges["value"] > edges["needed"] > 0
