"""The parts of evaluation.json that no decision enters: ranking, log-loss, and bits over the training shares."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.information import FALSE_DISCOVERIES, LUCK, Information
from evaluation.scoring import Estimate, total
from evaluation.tasks import Task

Ids = NDArray[np.intp]
Section = dict[str, Any]


def with_interval(name: str, estimate: Estimate) -> Section:
    """Return an estimate and its bootstrap interval, `NAME` and `NAME_ci95`."""
    return {name: estimate.value, f"{name}_ci95": list(estimate.interval)}


def information_section(information: Information) -> Section:
    """Return what an opinion knows of all heads: AUC is their mean, log-loss and bits are their sum."""
    return (
        with_interval("macro_auc", information.macro_auc)
        | with_interval("log_loss", information.log_loss)
        | with_interval("skill_bits", information.skill_bits)
    )


def head_information_section(information: Information, position: int) -> Section:
    """Return what an opinion knows of one head; without AUC where none of its classes can be ranked."""
    section: Section = {}
    for name, estimate in {
        "macro_auc": information.aucs[position],
        "macro_average_precision": information.precisions[position],
        "log_loss": information.losses[position],
        "skill_bits": information.skills[position],
    }.items():
        section |= with_interval(name, estimate) if estimate is not None else {}
    return section


def ranking_section(task: Task, information: Information, position: int, labels: Ids) -> Section:
    """Return how each class that can be ranked is, beside what chance makes of it: AUC 0.5, precision its share."""
    ranking, holds = information.rankings[position], information.holds[position]
    shares = np.bincount(task.actual(labels), minlength=task.k) / len(labels)
    return {
        name: {
            **with_interval("auc", Estimate(float(ranking.auc[c]), ranking.auc_draws[:, c])),
            "p_value": float(ranking.p_values[c]),
            "holds": bool(holds[c]),
            **with_interval(
                "average_precision",
                Estimate(float(ranking.average_precision[c]), ranking.average_precision_draws[:, c]),
            ),
            "share": float(shares[c]),
        }
        for c, name in enumerate(task.classes)
        if not np.isnan(ranking.auc[c])
    }


def class_tests_section(information: Information) -> Section:
    """Return how many classes look better ranked than by chance, how many would by luck, and how many hold."""
    p_values = np.concatenate([ranking.p_values for ranking in information.rankings])
    return {
        "classes": information.ranked,
        "level": LUCK,
        "expected_by_luck": LUCK * information.ranked,
        "above_chance": int(np.count_nonzero(p_values <= LUCK)),
        "false_discovery_rate": FALSE_DISCOVERIES,
        "hold": int(sum(np.count_nonzero(holds) for holds in information.holds)),
    }


def shares_section(tasks: tuple[Task, ...], losses: tuple[Estimate, ...]) -> Section:
    """Return the log-loss of answering the training shares throughout."""
    heads = {task.head: with_interval("log_loss", loss) for task, loss in zip(tasks, losses, strict=True)}
    return {**with_interval("log_loss", total(losses)), "heads": heads}
