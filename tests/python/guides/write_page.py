"""Writes docs/mindspore-guides.md from runs of the snippets: ``python -m tests.python.guides.write_page``.

With ``--mindspore`` MindSpore runs first and what it gives is recorded in ``mindspore.json``.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import warm
from tests.conftest import ROOT, mindspore_python
from tests.python import recording

HERE = Path(__file__).parent
PAGE = ROOT / "docs" / "mindspore-guides.md"
RECORDED = HERE / "mindspore.json"
GUIDES = {
    "loading": "Loading a Model for Inference and Transfer Learning",
    "saving": "Saving Models",
    "beginner": "Saving and Loading the Model, for beginners",
}
_TITLE = re.compile(r"^# %% (\w+) (.*) \((.*)\)$", re.M)

_HEAD = """# MindSpore's guides, snippet by snippet

Every distinct block of Python in MindSpore's guides on loading and saving models, over all their
releases ({first} to {last}), and on its page for beginners, rewritten with the same calls on small
networks (`tests/python/guides/`). Each runs under MindSpore 2.10.0 and, with `mindspore` replaced by
`declspore` in its text, here; what it prints is compared.

| guide | snippets | MindSpore runs | declspore prints the same | refused by name |
|---|---|---|---|---|
{rows}

What is refused is the export to MINDIR and reading such a file, which MindSpore's compiler alone
writes and runs. AIR, which MindSpore writes on its own processors alone, neither of the two writes.

This page is generated: `python -m tests.python.guides.write_page`.
"""


def here(guide: str) -> dict[str, dict]:
    """What each snippet prints or raises here."""
    with tempfile.TemporaryDirectory() as folder:
        given = {"cwd": Path(folder), "env": _environment(), "timeout": 900}
        return _results(warm.ours().run(*_command("declspore", guide), **given))


def there(python: str, guide: str) -> dict[str, dict]:
    """What each snippet prints or raises under MindSpore."""
    with tempfile.TemporaryDirectory() as folder:
        given = {"cwd": folder, "env": _environment(), "timeout": 900}
        command = [python, *_command("mindspore", guide)]
        return _results(subprocess.run(command, capture_output=True, text=True, **given))


def _environment() -> dict[str, str]:
    return recording.environment(log_level=4)


def _command(library: str, guide: str) -> list[str]:
    return [str(HERE / "run.py"), library, str(HERE / f"{guide}.py")]


def _results(done: subprocess.CompletedProcess[str]) -> dict[str, dict]:
    found = [line for line in done.stdout.splitlines() if line.startswith("RESULTS ")]
    assert found, done.stderr[-4000:]
    return json.loads(found[-1].removeprefix("RESULTS "))


def titles(guide: str) -> dict[str, tuple[str, str]]:
    """What each snippet shows, and the releases that have it."""
    found = _TITLE.findall((HERE / f"{guide}.py").read_text())
    return {number: (what, releases) for number, what, releases in found}


def recorded() -> dict[str, dict]:
    """What each snippet of each guide printed or raised under MindSpore."""
    return {guide: kept["snippets"] for guide, kept in json.loads(RECORDED.read_text()).items()}


def recorded_of() -> dict[str, str]:
    """The digest of the text of each guide when it was recorded."""
    return {guide: kept["text"] for guide, kept in json.loads(RECORDED.read_text()).items()}


def digest(guide: str) -> str:
    """Of a guide's snippets, and of what runs them."""
    return recording.digest_of(HERE / f"{each}.py" for each in (guide, "networks", "run"))


def verdict(there: dict, here: dict) -> str:
    """How a snippet goes here, in words for the page."""
    if there["error"] is None and there == here:
        return "the same"
    if here["error"] is not None and here["error"].startswith("Unsupported: "):
        reason = here["error"].removeprefix("Unsupported: declspore does not have ")
        return "refused: " + reason.split(" (see ")[0]
    return f"DIFFERS: {here['error'] or here['lines']}"


def section(guide: str, there: dict[str, dict], here: dict[str, dict]) -> str:
    lines = [f"## {GUIDES[guide]}", "", "| | shows | releases | MindSpore 2.10 | declspore |"]
    lines += ["|---|---|---|---|---|"]
    for number, (what, releases) in titles(guide).items():
        runs = "runs" if there[number]["error"] is None else there[number]["error"]
        found = verdict(there[number], here[number])
        lines.append(f"| {number} | {what} | {releases} | {runs} | {found} |")
    return "\n".join(lines) + "\n"


def _row(guide: str, there: dict[str, dict], here: dict[str, dict]) -> str:
    runs = [number for number in there if there[number]["error"] is None]
    words = [verdict(there[number], here[number]) for number in runs]
    same = words.count("the same")
    refused = sum(word.startswith("refused") for word in words)
    return f"| {GUIDES[guide]} | {len(there)} | {len(runs)} | {same} | {refused} |"


def page(here: dict[str, dict[str, dict]]) -> str:
    there = recorded()
    rows = "\n".join(_row(guide, there[guide], here[guide]) for guide in GUIDES)
    parts = [_HEAD.format(rows=rows, first="0.1", last="master")]
    return "\n".join([*parts, *(section(guide, there[guide], here[guide]) for guide in GUIDES)])


if __name__ == "__main__":
    if "--mindspore" in sys.argv:
        oracle = mindspore_python()
        assert oracle is not None
        told = {g: {"text": digest(g), "snippets": there(oracle, g)} for g in GUIDES}
        RECORDED.write_text(json.dumps(told, indent=1) + "\n")
    PAGE.write_text(page({guide: here(guide) for guide in GUIDES}))
