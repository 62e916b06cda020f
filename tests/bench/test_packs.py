"""The bench of packs runs, at a size of no meaning."""

from __future__ import annotations

import json

import pytest

from bench import packs


def test_verifying_is_told_beside_bare_hashing(capsys: pytest.CaptureFixture[str]) -> None:
    packs.measure(300, rounds=1)
    figures = [json.loads(line)["name"] for line in capsys.readouterr().out.splitlines()]
    assert figures == ["pack.write", "pack.bare_sha256", "pack.verify", "pack.verify / bare"]
