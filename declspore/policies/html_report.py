"""A training as one page: curves, figures, throughput, and the plan."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from declspore.dataclass import dataclass
from declspore.numerics.svg import chart, legend
from declspore.policies.history import History
from declspore.registry.policy import Failure, OwnPolicyKind, Run, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import ListOf, Text

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
class HtmlReport(History):
    """Writes the page at the end of each epoch, and at the end. It needs nothing from elsewhere."""

    path: str
    about: tuple[str, ...] = ()

    def after_epoch(self, state: State, run: Run) -> State:
        state = super().after_epoch(state, run)
        self._write(state, f"epoch {run.epoch} of {run.timeline.epochs}")
        return state

    def end(self, state: State, run: Run) -> State:
        reason = getattr(run, "stop_reason", None)
        self._write(state, f"stopped: {reason}" if reason else "finished")
        return state

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
    speeds = [(row[0], _speed(row)) for row in state["epochs"]]
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
