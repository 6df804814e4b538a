"""What the gate compared, in one line: each gated figure beside the least that it may be, and the outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Figures = Mapping[str, Any]
# In words, the parameter that holds the least, and the figure.
GATED: tuple[tuple[str, str, Callable[[Figures], float]], ...] = (
    ("macro-F1", "MinMacroF1", lambda figures: float(figures["ensemble"]["macro_f1"])),
    ("macro-AUC", "MinMacroAuc", lambda figures: float(figures["ensemble"]["macro_auc"])),
    ("lift over chance, lower end", "MinLiftOverChance", lambda figures: float(figures["lift_over_chance_ci95"][0])),
)


def sentence(figures: Figures, parameters: Mapping[str, str]) -> str:
    """Return `macro-F1 0.226 ≥ 0, lift over chance, lower end −0.110 ≥ 0: no`; empty where no threshold is a parameter.

    An evaluation of an earlier version lacks the AUC, which its gate did not ask for.
    """
    told, passed = [], True
    for words, parameter, figure in GATED:
        try:
            least, value = float(parameters[parameter]), figure(figures)
        except (KeyError, TypeError, ValueError, IndexError):
            continue
        holds = value >= least
        passed = passed and holds
        told.append(f"{words} {_signed(value)} {'≥' if holds else '<'} {least:g}")
    return f"{'; '.join(told)}: {'yes' if passed else 'no'}" if told else ""


def _signed(value: float) -> str:
    return f"{value:.3f}".replace("-", "−")
