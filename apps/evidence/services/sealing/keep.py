"""The sealer's private folder: what it believes instead of the database.

    state.json       the origin, the frontier of the tree that was signed, and how far that is
    1.keys           the signing keys of epoch 1, one a line; two while one replaces the other
    checkpoints.txt  every checkpoint that was published, one JSON object a line
    scrub.json       what the last scrub found

Files are replaced whole and synced to the disk; checkpoints are only ever appended.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings

from apps.evidence.domain.merkle import Frontier
from apps.evidence.domain.note import Checkpoint, Note, NoteError, SigningKey, VerifierKey
from apps.evidence.services.sealing.alarms import SealAlarm


@dataclass(frozen=True, slots=True)
class State:
    """`signed` is the size of the newest checkpoint of this origin, 0 where there is none yet."""

    origin: str
    frontier: Frontier
    signed: int = 0

    @property
    def name(self) -> str:
        return self.origin.rpartition("/")[0]

    @property
    def epoch(self) -> int:
        return int(self.origin.rpartition("/")[2])

    @property
    def next_origin(self) -> str:
        return f"{self.name}/{self.epoch + 1}"


class Keep:
    """Raises SealAlarm when something that has to be there is missing or unreadable."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(settings.INTERLOCK_SEALER_DIR)
        self.journal = self.folder / "checkpoints.txt"

    @property
    def is_new(self) -> bool:
        return not self._state_file.exists()

    def state(self) -> State:
        try:
            told = json.loads(self._state_file.read_text())
            nodes = tuple(bytes.fromhex(node) for node in told["nodes"])
            return State(told["origin"], Frontier(told["size"], nodes), told["signed"])
        except FileNotFoundError:
            raise SealAlarm(
                "state_missing",
                f"{self._state_file} is missing: bring it back from a backup of the sealer, or run "
                "manage.py create_seal_key where nothing was ever sealed.",
            ) from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SealAlarm(
                "state_unreadable", f"{self._state_file} cannot be read: {type(error).__name__}."
            ) from None

    def write_state(self, state: State) -> None:
        told = {
            "origin": state.origin,
            "size": state.frontier.size,
            "nodes": [node.hex() for node in state.frontier.nodes],
            "signed": state.signed,
        }
        self._replace(self._state_file, json.dumps(told, indent=1) + "\n")

    def keys(self, state: State) -> tuple[SigningKey, ...]:
        """Those of the state's epoch: one, or the old and the new one."""
        path = self._keys_file(state.epoch)
        try:
            keys = tuple(SigningKey.parse(line) for line in path.read_text().split())
        except (OSError, NoteError) as error:
            raise SealAlarm(
                "key_missing", f"The signing key {path} cannot be read: {type(error).__name__}."
            ) from None
        if not keys or any(key.name != state.origin for key in keys):
            raise SealAlarm("key_missing", f"{path} has no key of {state.origin}.")
        return keys

    def write_keys(self, epoch: int, keys: Sequence[SigningKey]) -> None:
        self._replace(self._keys_file(epoch), "".join(f"{key.secret_text}\n" for key in keys))

    def has_keys(self, epoch: int) -> bool:
        return self._keys_file(epoch).exists()

    def advance(self, state: State, note: Note, at: str) -> State:
        """Remember that `note` over the state's frontier was published, and return what is so now.

        The journal first: a line without its state is written again, a state without its line
        would be a checkpoint that no anchor ever gets.
        """
        checkpoint = Checkpoint.parse(note.text)
        line = {"at": at, "origin": checkpoint.origin, "size": checkpoint.size,
                "root": checkpoint.root.hex(), "note": str(note)}  # fmt: skip
        self._append(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n")
        kept = replace(state, signed=checkpoint.size)
        self.write_state(kept)
        return kept

    def published(self, origin: str) -> Iterator[Checkpoint]:
        """The checkpoints of `origin` in the journal, oldest first."""
        if not self.journal.exists():
            return
        with self.journal.open(encoding="utf-8") as lines:
            for line in lines:
                told = json.loads(line)
                if told["origin"] == origin:
                    yield Checkpoint(origin, told["size"], bytes.fromhex(told["root"]))

    def scrubbed(self) -> dict[str, Any]:
        """When the last scrub ended, and what it found; empty where there was none."""
        try:
            told: dict[str, Any] = json.loads((self.folder / "scrub.json").read_text())
        except (OSError, ValueError):
            return {}
        return told

    def write_scrubbed(self, told: dict[str, Any]) -> None:
        self._replace(self.folder / "scrub.json", json.dumps(told) + "\n")

    def create(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def _state_file(self) -> Path:
        return self.folder / "state.json"

    def _keys_file(self, epoch: int) -> Path:
        return self.folder / f"{epoch}.keys"

    def _append(self, line: str) -> None:
        """Append whole lines only: half a line of a killed sealer is cut off first."""
        with self.journal.open("a+b") as out:
            end = out.seek(0, os.SEEK_END)
            out.seek(max(0, end - 1_000_000))
            tail = out.read()
            whole = tail[: tail.rfind(b"\n") + 1]
            if whole != tail:
                out.truncate(end - len(tail) + len(whole))
            if whole.splitlines(keepends=True)[-1:] != [line.encode()]:
                out.write(line.encode())
            out.flush()
            os.fsync(out.fileno())

    def _replace(self, path: Path, text: str) -> None:
        half = path.with_suffix(".half")
        half.unlink(missing_ok=True)
        half.touch(mode=0o600)
        with half.open("w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        half.replace(path)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def verifiers(keys: Sequence[SigningKey]) -> list[VerifierKey]:
    return [key.verifier for key in keys]
