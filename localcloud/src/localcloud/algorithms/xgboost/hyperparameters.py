"""XGBoost's hyperparameters with the names, types and ranges of its documentation; those not given are the library's.

What is none of the library's own: num_round, early_stopping_rounds, csv_weights and those that begin with `_`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from localcloud.algorithms.hyperparameters import choice, hyperparameter, integer_between, real, whole
from localcloud.algorithms.xgboost.metrics import METRICS
from localcloud.algorithms.xgboost.versions import WITHOUT_SILENT, Version

OBJECTIVES = (
    *("binary:logistic", "binary:logitraw", "binary:hinge", "count:poisson", "multi:softmax", "multi:softprob"),
    *("rank:pairwise", "rank:ndcg", "rank:map", "reg:linear", "reg:squarederror", "reg:logistic", "reg:gamma"),
    *("reg:pseudohubererror", "reg:squaredlogerror", "reg:absoluteerror", "reg:tweedie", "survival:aft"),
    "survival:cox",
)
UPDATERS = (
    *("grow_colmaker", "distcol", "grow_histmaker", "grow_skmaker", "grow_quantile_histmaker", "sync", "refresh"),
    *("prune", "shotgun", "coord_descent"),
)
_GROWERS = {"grow_colmaker", "distcol", "grow_histmaker", "grow_quantile_histmaker"}
_THRESHOLDS = ("error", "ndcg", "map")


NOT_THE_LIBRARYS = (
    *("num_round", "early_stopping_rounds", "csv_weights", "eval_metric", "save_model_on_termination", "silent"),
    *("_kfold", "_num_cv_round", "_tuning_objective_metric", "use_dask_gpu_training"),
    # what the library's later versions dropped, and which changes nothing of a model
    *("predictor", "dsplit", "sketch_eps", "deterministic_histogram", "single_precision_histogram", "prob_buffer_row"),
)


def _each(check: Callable[[str], object], allowed: str) -> Callable[[str], tuple[str, ...]]:
    """A list with commas between."""

    def parse(text: str) -> tuple[str, ...]:
        parts = tuple(part.strip() for part in text.strip("[]").split(","))
        if not all(map(check, parts)):
            raise ValueError(allowed)
        return parts

    return parse


def _is_metric(text: str) -> bool:
    name, at, threshold = text.partition("@")
    if not at:
        return name in METRICS
    return name in _THRESHOLDS and threshold.strip("-").replace(".", "", 1).isdigit()


def _monotone(text: str) -> str:
    signs = [part.strip() for part in text.strip("()").split(",") if part.strip()]
    if not signs or any(sign not in {"-1", "0", "1"} for sign in signs):
        raise ValueError("a tuple of -1, 0 and 1, such as (0, 1)")
    return f"({','.join(signs)})"


def _interactions(text: str) -> str:
    try:
        groups = json.loads(text)
    except ValueError:
        groups = None
    if not isinstance(groups, list) or not all(isinstance(group, list) for group in groups):
        raise ValueError("a list of lists of feature numbers, such as [[0, 1], [2, 3, 4]]")
    return json.dumps(groups)


def _flag() -> Any:
    return hyperparameter(integer_between(0, 1), default=None)


@dataclass(frozen=True, kw_only=True)
class Hyperparameters:
    """Those of version 1.2 and later; None is what the library takes without being told."""

    num_round: int = hyperparameter(whole(1))

    csv_weights: int | None = _flag()
    early_stopping_rounds: int | None = hyperparameter(whole(1), default=None)
    booster: str | None = hyperparameter(choice("gbtree", "gblinear", "dart"), default=None)
    verbosity: int | None = hyperparameter(integer_between(0, 3), default=None)
    nthread: int | None = hyperparameter(whole(1), default=None)
    eta: float | None = hyperparameter(real(0, 1), default=None, names=("eta", "learning_rate"))
    gamma: float | None = hyperparameter(real(0), default=None, names=("gamma", "min_split_loss"))
    max_depth: int | None = hyperparameter(whole(0), default=None)
    min_child_weight: float | None = hyperparameter(real(0), default=None)
    max_delta_step: float | None = hyperparameter(real(0), default=None)
    subsample: float | None = hyperparameter(real(0, 1, above=True), default=None)
    colsample_bytree: float | None = hyperparameter(real(0, 1, above=True), default=None)
    colsample_bylevel: float | None = hyperparameter(real(0, 1, above=True), default=None)
    colsample_bynode: float | None = hyperparameter(real(0, 1, above=True), default=None)
    alpha: float | None = hyperparameter(real(0), default=None, names=("alpha", "reg_alpha"))
    lambda_: float | None = hyperparameter(real(0), default=None, names=("lambda", "reg_lambda"))
    tree_method: str | None = hyperparameter(choice("auto", "exact", "approx", "hist", "gpu_hist"), default=None)
    sketch_eps: float | None = hyperparameter(real(0, 1, above=True), default=None)
    scale_pos_weight: float | None = hyperparameter(real(0, above=True), default=None)
    updater: tuple[str, ...] | None = hyperparameter(
        _each(UPDATERS.__contains__, f"a list of {', '.join(UPDATERS)}"), default=None
    )
    dsplit: str | None = hyperparameter(choice("row", "col"), default=None)
    refresh_leaf: int | None = _flag()
    process_type: str | None = hyperparameter(choice("default", "update"), default=None)
    grow_policy: str | None = hyperparameter(choice("depthwise", "lossguide"), default=None)
    max_leaves: int | None = hyperparameter(whole(0), default=None)
    max_bin: int | None = hyperparameter(whole(0), default=None)
    predictor: str | None = hyperparameter(choice("auto", "cpu_predictor", "gpu_predictor"), default=None)
    monotone_constraints: str | None = hyperparameter(_monotone, default=None)
    interaction_constraints: str | None = hyperparameter(_interactions, default=None)
    sample_type: str | None = hyperparameter(choice("uniform", "weighted"), default=None)
    normalize_type: str | None = hyperparameter(choice("tree", "forest"), default=None)
    rate_drop: float | None = hyperparameter(real(0, 1), default=None)
    one_drop: int | None = _flag()
    skip_drop: float | None = hyperparameter(real(0, 1), default=None)
    lambda_bias: float | None = hyperparameter(real(0, 1), default=None)
    tweedie_variance_power: float | None = hyperparameter(real(1, 2, above=True), default=None)
    objective: str | None = hyperparameter(choice(*OBJECTIVES), default=None)
    num_class: int | None = hyperparameter(whole(2), default=None)
    base_score: float | None = hyperparameter(real(0), default=None)
    eval_metric: tuple[str, ...] | None = hyperparameter(
        _each(_is_metric, "a list of metrics that XGBoost computes, such as auc or error@0.7"), default=None
    )
    seed: int | None = hyperparameter(integer_between(-(2**31) + 1, 2**31 - 2), default=None)
    num_parallel_tree: int | None = hyperparameter(whole(1), default=None)
    save_model_on_termination: str | None = hyperparameter(choice("true", "false"), default=None)
    aft_loss_distribution: str | None = hyperparameter(choice("normal", "logistic", "extreme"), default=None)
    aft_loss_distribution_scale: float | None = hyperparameter(real(0), default=None)
    deterministic_histogram: str | None = hyperparameter(choice("true", "false"), default=None)
    single_precision_histogram: str | None = hyperparameter(choice("true", "false"), default=None)
    sampling_method: str | None = hyperparameter(choice("uniform", "gradient_based"), default=None)
    prob_buffer_row: int | None = hyperparameter(whole(2), default=None)
    use_dask_gpu_training: str | None = hyperparameter(choice("true", "false"), default=None)
    _kfold: int | None = hyperparameter(whole(2), default=None)
    _num_cv_round: int | None = hyperparameter(whole(1), default=None)
    _tuning_objective_metric: str | None = hyperparameter(str, default=None)

    @staticmethod
    def together(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """What is documented of several, and what is not offered here."""
        yield from _of_classes(values)
        yield from _of_trees(values)
        for name in ("_kfold", "_num_cv_round"):
            if values.get(name) is not None:
                yield name, "cross-validation is not offered here; leave it out"
        if values.get("use_dask_gpu_training") == "true":
            yield "use_dask_gpu_training", "no GPUs are distributed over here; leave it out"
        target = values.get("_tuning_objective_metric")
        if target is not None and not _is_metric(target.partition(":")[2]):
            yield "_tuning_objective_metric", f"it is {target!r}: validation:NAME, where NAME is a metric of XGBoost"

    def of_the_library(self) -> dict[str, Any]:
        """Return the parameters of xgboost.train that were given, by the library's names."""
        parameters = {
            (entry.metadata["names"] or (entry.name,))[0]: getattr(self, entry.name) for entry in fields(self)
        }
        return {name: value for name, value in parameters.items() if value is not None and name not in NOT_THE_LIBRARYS}


@dataclass(frozen=True, kw_only=True)
class WithSilent(Hyperparameters):
    """Those below 1.2."""

    silent: int | None = _flag()


def table_of(version: Version) -> type[Hyperparameters]:
    """Return the hyperparameters that a version has."""
    return Hyperparameters if version >= WITHOUT_SILENT else WithSilent


def _of_classes(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    objective, classes = values.get("objective"), values.get("num_class")
    if objective in {"multi:softmax", "multi:softprob"} and classes is None:
        yield "num_class", f"the hyperparameter num_class is required where objective is {objective}"
    if objective is None and classes is not None:
        yield "num_class", "the hyperparameter num_class is for the objectives multi:softmax and multi:softprob"
    metrics = values.get("eval_metric") or ()
    if "auc" in metrics and not str(objective).startswith(("binary:", "rank:", "multi:")):
        yield "eval_metric", "the metric auc is for classification and ranking; set objective to one of theirs"
    if "aft-nloglik" in metrics and objective != "survival:aft":
        yield "eval_metric", "the metric aft-nloglik is for the objective survival:aft"


def _of_trees(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    method, updaters = values.get("tree_method"), values.get("updater") or ()
    if values.get("monotone_constraints") is not None and method not in {"exact", "hist"}:
        yield "monotone_constraints", "the hyperparameter monotone_constraints needs tree_method exact or hist"
    if values.get("interaction_constraints") is not None and method not in {"exact", "hist", "approx"}:
        yield (
            "interaction_constraints",
            "the hyperparameter interaction_constraints needs tree_method exact, hist or approx",
        )
    if values.get("booster") == "gblinear":
        if updaters and (len(updaters) > 1 or updaters[0] not in {"shotgun", "coord_descent"}):
            yield "updater", "the updater of a gblinear booster is shotgun or coord_descent"
    elif values.get("process_type") == "update":
        if set(updaters) - {"refresh", "prune"}:
            yield "updater", "where process_type is update, the updaters are refresh and prune"
    elif len(_GROWERS.intersection(updaters)) > 1:
        yield "updater", f"one updater grows the trees, not {' and '.join(_GROWERS.intersection(updaters))}"
