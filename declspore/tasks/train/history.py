"""What a training was like, for programs."""

from __future__ import annotations

from collections.abc import Mapping

from declspore.dataclass import dataclass
from declspore.registry.policy import State
from declspore.spelling import Json


@dataclass(frozen=True)
class TrainingHistory:
    """``epochs`` is a row an epoch: ``epoch``, ``step`` (the number of its last one), ``loss`` (the
    mean), ``last_loss``, ``seconds``, ``steps``, and the latest figures by name.

    ``figures`` are those that policies found, each with ``epoch`` and ``step``. ``curves`` are
    (step, value) of what steps report, by name: ``loss``, ``learning_rate``. Of more than 2,000
    steps every second one is there, and so on; `log "x.csv"` has them all.
    """

    epochs: tuple[Mapping[str, float], ...]
    figures: tuple[Mapping[str, float], ...]
    curves: Mapping[str, tuple[tuple[int, float], ...]]

    @classmethod
    def of(cls, state: State) -> TrainingHistory:
        """What the policy ``History`` remembers."""
        figures = tuple({"epoch": e, "step": s, **found} for e, s, found in state["figures"])
        names = ("epoch", "step", "loss", "last_loss", "seconds", "steps")
        epochs = []
        for values in state["epochs"]:
            row = dict(zip(names, values, strict=True))
            for found in state["figures"]:
                row |= found[2] if found[0] == row["epoch"] else {}
            epochs.append(row)
        curves = {name: tuple((s, v) for s, v in each) for name, each in state["curves"].items()}
        return cls(tuple(epochs), figures, curves)

    def facts(self) -> Json:
        """The rows of epochs, and the figures."""
        return {
            "epochs": [dict(e) for e in self.epochs],
            "figures": [dict(f) for f in self.figures],
        }
