"""A training as one page: curves, figures, throughput, and the plan."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, ClassVar

from declspore.dataclass import dataclass
from declspore.numerics.svg import chart, legend
from declspore.registry.policy import Failure, OwnPolicyKind, Phase, Policy, Run, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import ListOf, Text

_MOST = 1000
"""Points of a curve; of more steps every second one is kept, and so on."""
_STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 720px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.05rem; margin: 1.6rem 0 .2rem; }
svg { width: 100%; } svg line { stroke: #8885; } svg text { font-size: 11px; fill: #888; }
polyline { fill: none; stroke-width: 1.5; stroke-linejoin: round; }
pre { overflow-x: auto; background: #8882; padding: .8rem; border-radius: 6px; font-size: 12px; }
table { border-collapse: collapse; } th, td { padding: .15rem .9rem .15rem 0; text-align: right; }
th { font-weight: 600; border-bottom: 1px solid #8885; }
.key { margin-right: 1rem; } .key i { display: inline-block; width: .8em; height: .8em;
  border-radius: 2px; margin-right: .35em; } .lead { color: #888; }
"""


@dataclass(frozen=True)
class HtmlReport(Policy):
    """Writes the page at the end of each epoch, and at the end. It needs nothing from elsewhere."""

    path: str
    about: tuple[str, ...] = ()

    phase: ClassVar[Phase] = Phase.REPORT

    def start(self) -> State:
        return {"curves": {}, "stride": 1, "figures": [], "epochs": [], "begun": 0.0, "notes": []}

    def before_epoch(self, state: State, run: Run) -> State:
        return {**state, "begun": run.seconds, "from": run.step}

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
        return self._found({**state, "curves": curves, "stride": stride}, run)

    def after_epoch(self, state: State, run: Run) -> State:
        state = self._found(state, run)
        seconds = max(run.seconds - state["begun"], 1e-9)
        row = [run.epoch, run.step, run.losses[-1] if run.losses else None]
        speed = (run.step - state["from"]) / seconds
        state = {**state, "epochs": [*state["epochs"], [*row, speed]]}
        self._write(state, f"epoch {run.epoch} of {run.timeline.epochs}")
        return state

    def end(self, state: State, run: Run) -> State:
        reason = getattr(run, "stop_reason", None)
        self._write(state, f"stopped: {reason}" if reason else "finished")
        return state

    def _found(self, state: State, run: Run) -> State:
        if not run.figures:
            return state
        return {**state, "figures": [*state["figures"], [run.step, dict(run.figures)]]}

    def _write(self, state: State, status: str) -> None:
        page = "".join(_page(self.about, state, status))
        temporary = f"{self.path}.part"
        try:
            os.makedirs(os.path.dirname(os.path.abspath(self.path)), exist_ok=True)
            with open(temporary, "w", encoding="utf-8") as file:
                file.write(page)
            os.replace(temporary, self.path)
        except OSError as error:
            reason = error.strerror or str(error)
            raise Failure("E520", f"{self.path} cannot be written: {reason}") from None


def _page(about: Sequence[str], state: State, status: str) -> Iterator[str]:
    title = escape(about[0] if about else "training")
    yield f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>"
    yield '<meta name=viewport content="width=device-width, initial-scale=1">'
    yield f"<style>{_STYLE}</style><h1>{title}</h1><p class=lead>{escape(status)}</p>"
    curves = {name: [(x, y) for x, y in points] for name, points in state["curves"].items()}
    loss = curves.pop("loss", [])
    yield _section("Loss", {"each step": loss, "mean of the last 20": _smooth(loss)}, "step")
    for name, points in _figures(state["figures"]).items():
        yield _section(name, {name: points}, "step")
    rates = {n: p for n, p in curves.items() if n.startswith("learning_rate")}
    yield _section("Learning rate", rates, "step")
    for name, points in curves.items():
        if name not in rates:
            yield _section(name, {name: points}, "step")
    speeds = [(epoch, speed) for epoch, _, _, speed in state["epochs"]]
    yield _section("Steps a second", {"": speeds}, "epoch")
    yield from _table(state)
    yield f"<h2>Plan</h2><pre>{escape(chr(10).join(about))}</pre></html>\n"


def _section(title: str, lines: Mapping[str, Any], what: str) -> str:
    drawn = chart(lines, what)
    keys = f"<p>{legend(lines)}</p>" if len(lines) > 1 else ""
    return f"<h2>{escape(title)}</h2>{keys}{drawn}" if drawn else ""


def _smooth(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    found, last = [], list[float]()
    for step, value in points:
        last = [*last[-19:], value]
        found.append((step, sum(last) / len(last)))
    return found


def _figures(found: Sequence[Any]) -> dict[str, list[tuple[float, float]]]:
    lines: dict[str, list[tuple[float, float]]] = {}
    for step, figures in found:
        for name, value in figures.items():
            lines.setdefault(name, []).append((step, value))
    return lines


def _table(state: State) -> Iterator[str]:
    """A row an epoch, with the latest figures of its end."""
    names = list(_figures(state["figures"]))
    heads = "".join(f"<th>{escape(n)}" for n in ("epoch", "step", "loss", *names, "steps/s"))
    yield f"<h2>Epochs</h2><table><tr>{heads}"
    for epoch, step, loss, speed in state["epochs"]:
        latest: dict[str, float] = {}
        for at, figures in state["figures"]:
            latest |= figures if at <= step else {}
        cells = [epoch, step, "" if loss is None else f"{loss:.4f}"]
        cells += [f"{latest[name]:.4f}" if name in latest else "" for name in names]
        yield "<tr>" + "".join(f"<td>{cell}" for cell in [*cells, f"{speed:.1f}"])
    yield "</table>"


KINDS = (
    OwnPolicyKind(
        name="HtmlReport",
        signature=signature(
            Argument("path", Text(), help="where to"),
            Argument("about", ListOf(Text()), (), "the plan, line by line"),
        ),
        summary="Writes a page with curves, figures, throughput and the plan.",
        example='log "out/report.html"  # HtmlReport',
        make=lambda a: HtmlReport(a.path, a.about),
        logs=(".html",),
    ),
)
