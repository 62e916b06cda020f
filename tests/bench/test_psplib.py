"""The planner's bench reads the library's format; the instance here is our own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.psplib import main

#: Two jobs of 4 and 3 minutes that share one machine, and one of 2 behind the first.
SMALL = """\
************************************************************************
projects                      :  1
jobs (incl. supersource/sink ):  5
RESOURCES
  - renewable                 :  1   R
************************************************************************
PRECEDENCE RELATIONS:
jobnr.    #modes  #successors   successors
   1        1          2           2   3
   2        1          1           4
   3        1          1           5
   4        1          1           5
   5        1          0
************************************************************************
REQUESTS/DURATIONS:
jobnr. mode duration  R 1
------------------------------------------------------------------------
  1      1     0       0
  2      1     4       1
  3      1     3       1
  4      1     2       0
  5      1     0       0
************************************************************************
RESOURCEAVAILABILITIES:
  R 1
    1
************************************************************************
"""


def test_each_instance_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "small.sm").write_text(SMALL)
    assert main([str(tmp_path), "--limit", "1"]) == 0
    told = json.loads(capsys.readouterr().out)
    del told["seconds"]
    assert told == {"instance": "small", "makespan": 7, "lower_bound": 7, "optimal": True}


def test_a_file_of_something_else_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "odd.sm").write_text("PRECEDENCE RELATIONS:\n 1 1\n")
    assert main([str(tmp_path)]) == 2
    assert "odd.sm is no single-mode PSPLIB instance" in capsys.readouterr().err


def test_a_folder_without_instances_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([str(tmp_path)])
    assert "no file .sm" in capsys.readouterr().err
