"""CheckQuality: the gate. Good enough, and better than chance at the lower end of its interval."""

from __future__ import annotations

from sagemaker.core.workflow.conditions import ConditionGreaterThanOrEqualTo
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.steps import ProcessingStep, Step

from pipeline.definition.steps.evaluate_ensemble import LIFT_LOWER_END, MACRO_AUC, MACRO_F1, figure
from pipeline.definition.steps.plan import Plan


def check_quality(plan: Plan, evaluation: ProcessingStep, *, passed: list[Step], failed: list[Step]) -> ConditionStep:
    return ConditionStep(
        name="CheckQuality",
        description="Is the ensemble good enough, and better than a random guess?",
        conditions=[
            ConditionGreaterThanOrEqualTo(left=figure(evaluation, MACRO_F1), right=plan["MinMacroF1"]),
            ConditionGreaterThanOrEqualTo(left=figure(evaluation, LIFT_LOWER_END), right=plan["MinLiftOverChance"]),
            ConditionGreaterThanOrEqualTo(left=figure(evaluation, MACRO_AUC), right=plan["MinMacroAuc"]),
        ],
        if_steps=passed,
        else_steps=failed,
    )
