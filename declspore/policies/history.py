"""What a training was like, as data and as a page: curves, figures, a row an epoch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, ClassVar

from declspore.dataclass import dataclass
from declspore.numerics.page import head, section, write
from declspore.registry.policy import Failure, OwnPolicyKind, Phase, Policy, Run, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import ListOf, Text

_MOST = 1000
"""Points of a curve; of more steps every second one is kept, and so on."""


class History(Policy):
    """Remembers it as plain data. ``curves`` hold [step, value] of what steps report, thinned out
    where there are many; ``figures`` [epoch, step, figures by name]; ``epochs`` rows of epoch,
    step, the mean loss, the last loss, seconds and steps."""

    phase: ClassVar[Phase] = Phase.REPORT

    def start(self) -> State:
        return {
            "curves": {},
            "stride": 1,
            "figures": [],
            "epochs": [],
            "begun": 0.0,
            "sum": 0.0,
            "steps": 0,
        }

    def before_epoch(self, state: State, run: Run) -> State:
        return {**state, "begun": run.seconds, "sum": 0.0, "steps": 0}

    def after_steps(self, state: State, run: Run) -> State:
        curves, stride = {**state["curves"]}, state["stride"]
        first = run.step - len(run.losses) + 1
        for name, values in run.series.items():
            points = list(curves.get(name, ()))
            points += [[first + n, v] for n, v in enumerate(values) if (first + n) % stride == 0]
            curves[name] = points
        if len(curves["loss"]) > 2 * _MOST:
            stride *= 2
            curves = {
                name: [point for point in points if point[0] % stride == 0]
                for name, points in curves.items()
            }
        total, steps = state["sum"] + sum(run.losses), state["steps"] + len(run.losses)
        state = {**state, "curves": curves, "stride": stride, "sum": total, "steps": steps}
        return self._found(state, run)

    def after_epoch(self, state: State, run: Run) -> State:
        state = self._found(state, run)
        last = run.losses[-1]
        mean = state["sum"] / state["steps"] if state["steps"] else last
        row = [run.epoch, run.step, mean, last, run.seconds - state["begun"]]
        return {**state, "epochs": [*state["epochs"], [*row, state["steps"]]]}

    def _found(self, state: State, run: Run) -> State:
        if not run.figures:
            return state
        found = [run.epoch, run.step, dict(run.figures)]
        return {**state, "figures": [*state["figures"], found]}


@dataclass(frozen=True)
class HtmlReport(History):
    """Writes the page at the end of each epoch, and at the end. It needs nothing from elsewhere."""

    path: str
    about: tuple[str, ...] = ()
    pictures: str = ""

    def after_epoch(self, state: State, run: Run) -> State:
        state = super().after_epoch(state, run)
        self._write(state, f"epoch {run.epoch} of {run.timeline.epochs}")
        return state

    def end(self, state: State, run: Run) -> State:
        self._write(state, f"stopped: {run.stop_reason}" if run.stop_reason else "finished")
        return state

    def _write(self, state: State, status: str) -> None:
        page = "".join(_page(self.about, self.pictures, state, status))
        try:
            write(self.path, page)
        except OSError as error:
            reason = error.strerror or str(error)
            raise Failure("E520", f"{self.path} cannot be written: {reason}") from None


def _page(about: Sequence[str], pictures: str, state: State, status: str) -> Iterator[str]:
    yield from head(about[0] if about else "training", status)
    curves = {name: [(x, y) for x, y in points] for name, points in state["curves"].items()}
    loss = curves.pop("loss", [])
    yield section("Loss", {"each step": loss, "mean of the last 20": _smooth(loss)}, "step")
    for name, points in _figures(state["figures"]).items():
        yield section(name, {name: points}, "step")
    rates = {n: p for n, p in curves.items() if n.startswith("learning_rate")}
    yield section("Learning rate", rates, "step")
    for name, points in curves.items():
        if name not in rates:
            yield section(name, {name: points}, "step")
    speeds = [(row[0], _speed(row)) for row in state["epochs"]]
    yield section("Steps a second", {"": speeds}, "epoch")
    yield from _table(state)
    if pictures:
        yield f'<h2>Samples</h2><img alt="samples with their labels" src="{escape(pictures)}">'
    yield f"<h2>Plan</h2><pre>{escape(chr(10).join(about))}</pre></html>\n"


def _smooth(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    found, last = [], list[float]()
    for step, value in points:
        last = [*last[-19:], value]
        found.append((step, sum(last) / len(last)))
    return found


def _figures(found: Sequence[Any]) -> dict[str, list[tuple[float, float]]]:
    lines: dict[str, list[tuple[float, float]]] = {}
    for _, step, figures in found:
        for name, value in figures.items():
            lines.setdefault(name, []).append((step, value))
    return lines


def _speed(row: Sequence[float]) -> float:
    """Steps a second in an epoch."""
    *_, seconds, steps = row
    return steps / max(seconds, 1e-9)


def _table(state: State) -> Iterator[str]:
    """A row an epoch, with the latest figures of its end."""
    names = list(_figures(state["figures"]))
    heads = "".join(f"<th>{escape(n)}" for n in ("epoch", "step", "mean loss", *names, "steps/s"))
    yield f"<h2>Epochs</h2><table><tr>{heads}"
    for row in state["epochs"]:
        epoch, step, loss, *_ = row
        latest: dict[str, float] = {}
        for _, at, figures in state["figures"]:
            latest |= figures if at <= step else {}
        cells = [epoch, step, f"{loss:.4f}"]
        cells += [f"{latest[name]:.4f}" if name in latest else "" for name in names]
        yield "<tr>" + "".join(f"<td>{cell}" for cell in [*cells, f"{_speed(row):.1f}"])
    yield "</table>"


KINDS = (
    OwnPolicyKind(
        name="History",
        signature=signature(),
        summary="Remembers curves, figures and a row an epoch.",
        example="History()",
        make=lambda a: History(),
    ),
    OwnPolicyKind(
        name="HtmlReport",
        signature=signature(
            Argument("path", Text(), help="where to"),
            Argument("about", ListOf(Text()), (), "the plan, line by line"),
            Argument("pictures", Text(), "", "samples, as the address of an image"),
        ),
        summary="Writes a page with curves, figures, throughput and the plan.",
        example='log "out/report.html"  # HtmlReport',
        make=lambda a: HtmlReport(a.path, a.about, a.pictures),
        logs=(".html",),
    ),
)
