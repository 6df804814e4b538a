"""QualityTooLow: the execution fails and says by how much, and what to do."""

from __future__ import annotations

from sagemaker.core.workflow.functions import Join
from sagemaker.mlops.workflow.fail_step import FailStep
from sagemaker.mlops.workflow.steps import ProcessingStep

from pipeline.definition.steps.evaluate_ensemble import figure
from pipeline.definition.steps.plan import Plan


def quality_too_low(plan: Plan, evaluation: ProcessingStep) -> FailStep:
    message = [
        "The ensemble did not pass the gate: its macro-F1 is ",
        figure(evaluation, "gate.MinMacroF1"),
        " (MinMacroF1 is ",
        plan["MinMacroF1"],
        "), its macro-AUC is ",
        figure(evaluation, "gate.MinMacroAuc"),
        " (MinMacroAuc is ",
        plan["MinMacroAuc"],
        ") and the lower end of its lift over chance is ",
        figure(evaluation, "gate.MinLiftOverChance"),
        " (MinLiftOverChance is ",
        plan["MinLiftOverChance"],
        "). Nothing was registered. Look at the report; to register it all the same, start with a lower threshold.",
    ]
    return FailStep(
        name="QualityTooLow",
        description="The gate said no",
        error_message=Join(on="", values=message),
    )
