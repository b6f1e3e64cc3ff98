"""Shared fixtures: golden data, MindSpore where it is installed, and specs from text."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import warm
from tests.parity import PAGE, Ledger

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("JAX_ENABLE_X64", "1")
settings.register_profile(
    "busy machines", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("busy machines")

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden"
SPECS = ROOT / "specs"


_LEDGER = Ledger()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--parity", action="store_true", help="write docs/parity.md from this run")
    parser.addoption("--one-each", action="store_true", help="one case of each word alone, forward")
    parser.addoption("--every-case", action="store_true", help="every case on other backends too")
    parser.addoption("--long", action="store_true", help="run the tests marked long, too")


@pytest.fixture
def forward_alone(request: pytest.FixtureRequest) -> bool:
    """Whether gradients, which take long to compile elsewhere than on TensorFlow, are left out."""
    return bool(request.config.getoption("--one-each"))


def pytest_configure(config: pytest.Config) -> None:
    _keep_files_in_memory()
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # a shell begins what it runs in the background so; tests interrupt processes
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if config.getoption("--parity") and getattr(config.option, "numprocesses", None):
        raise pytest.UsageError("--parity wants one process that sees all: leave out -n")


def _keep_files_in_memory() -> None:
    """Where there is much room, so that what is flushed does not wait for a disk."""
    memory = Path("/dev/shm")
    if "TMPDIR" in os.environ or not os.access(memory, os.W_OK):
        return
    if shutil.disk_usage(memory).free >= 8 << 30:
        os.environ["TMPDIR"] = tempfile.tempdir = str(memory)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if session.config.getoption("--parity") and exitstatus == 0:
        PAGE.write_text(_LEDGER.page(PAGE.read_text() if PAGE.exists() else ""))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--one-each"):
        first = {_word_tested(item): item for item in reversed(items)}
        items[:] = reversed(first.values())
    items.sort(key=_starts_late({item.path for item in items if item.get_closest_marker("slow")}))
    if not config.getoption("--long"):
        skip = pytest.mark.skip(reason="long: runs with --long")
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(skip)


def _starts_late(slow: set[Path]) -> Callable[[pytest.Item], bool]:
    """Modules with slow tests come first, so that no process is left with one at the end."""
    return lambda item: item.path not in slow


def _word_tested(item: pytest.Item) -> tuple[str, ...]:
    """What a test with cases is one of many for: its function and the word of its case."""
    case = item.callspec.params.get("case") if hasattr(item, "callspec") else None
    if case is None or not hasattr(item.module, "word_of"):
        return (item.name,)
    return (item.originalname, *item.module.word_of(case))


@pytest.fixture(scope="session")
def parity() -> Ledger:
    """Compares with MindSpore's numbers and remembers the worst error of every word."""
    return _LEDGER


def mindspore_python() -> str | None:
    """A Python that has MindSpore: named by DECLSPORE_MINDSPORE, or the venv CI makes."""
    named = os.environ.get("DECLSPORE_MINDSPORE")
    for candidate in (named, str(ROOT / ".venv-mindspore" / "bin" / "python")):
        if candidate and Path(candidate).exists():
            return candidate
    return None


@pytest.fixture(scope="session")
def mindspore() -> Callable[..., str]:
    """Runs a text of Python under MindSpore and gives what it prints."""
    python = mindspore_python()
    if python is None:
        pytest.skip("MindSpore is not installed; see CONTRIBUTING.md")

    def run(code: str, *arguments: object) -> str:
        environment = {
            **os.environ,
            "ONEDNN_MAX_CPU_ISA": "AVX2",
            "PYTHONPATH": str(ROOT),
            "GLOG_v": "3",
        }
        done = subprocess.run(
            [python, "-c", code, *map(str, arguments)],
            capture_output=True,
            text=True,
            env=environment,
            timeout=600,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout

    return run


@pytest.fixture(scope="session")
def shared_checkpoints() -> Path:
    """The folder of real checkpoints beside the repository, where there is one."""
    folder = ROOT.parent / "shared" / "checkpoints"
    if not folder.is_dir():
        pytest.skip("the real checkpoints are not here")
    return folder


@pytest.fixture(autouse=True, scope="module")
def _garbage_of_others_is_not_counted():
    """What a module leaves is set aside, so that the collector does not go through the models and
    graphs of all tests before, again and again."""
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_seed_is_left():
    """A seed that a test sets is the process's."""
    yield
    chance = sys.modules.get("declspore.eager.random")
    if chance is not None:
        chance._CHANCE.seed = None


@pytest.fixture
def words_as_before():
    """What a test adds to the words of the process, which other tests look at, goes after it."""
    from declspore.registry import plugin, table

    words = table.vocabulary()
    before = dict(words._kinds)
    yield
    words._kinds = before
    words._every.clear()
    plugin._LOADED.clear()
    table._ADDED.clear()
    table.optimizer_kinds.cache_clear()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def declspore(here: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command line in a process of its own, in an empty folder."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return warm.ours().run("-m", "declspore", *arguments, cwd=here)

    return run
