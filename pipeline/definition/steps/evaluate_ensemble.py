"""EvaluateEnsemble: the models' answers become one, which is measured on the untouched test set."""

from __future__ import annotations

from sagemaker.core.helper.pipeline_variable import PipelineVariable
from sagemaker.core.workflow.functions import Join, JsonGet
from sagemaker.core.workflow.properties import PropertyFile
from sagemaker.mlops.workflow.steps import ProcessingStep, TransformStep

from memotion import layout
from memotion.opinions import VARIABLE
from pipeline.definition.steps.plan import Plan
from pipeline.definition.steps.predictions import predicted
from pipeline.definition.steps.prepare_data import prepared
from pipeline.definition.steps.processing import INPUTS, OUTPUTS, run_job
from pipeline.definition.steps.retries import job_retries

NAME = "EvaluateEnsemble"
REPORT = PropertyFile(name="EvaluationReport", output_name="evaluation", path=layout.EVALUATION)
MACRO_F1 = "ensemble.macro_f1"
MACRO_AUC = "ensemble.macro_auc"
LIFT_OVER_CHANCE = "lift_over_chance"
ENSEMBLE_DIGEST = "ensemble_sha256"
LIFT_LOWER_END = "lift_over_chance_ci95[0]"


def evaluate_ensemble(plan: Plan, preparation: ProcessingStep, predictions: list[TransformStep]) -> ProcessingStep:
    inputs = {
        "rows": prepared(preparation, "rows"),
        "pictures": prepared(preparation, layout.IMAGES, layout.PREDICT),
        "thumbnails": prepared(preparation, layout.THUMBNAILS),
        **{
            f"{opinion.name}-predictions": predicted(each)
            for opinion, each in zip(plan.opinions, predictions, strict=True)
        },
    }
    arguments = [
        *(word for name in inputs for word in (f"--{name}", f"{INPUTS}/{name}")),
        *("--output", f"{OUTPUTS}/evaluation"),
        *("--method", plan["EnsembleMethod"]),
        *("--decision-rule", plan["DecisionRule"]),
        *("--image-size", plan["ImageSize"].to_string()),
    ]
    return ProcessingStep(
        name=NAME,
        description="Combine the opinions and measure them on the test set",
        step_args=run_job(
            plan,
            NAME,
            package="evaluation",
            inputs=inputs,
            output="evaluation",
            arguments=arguments,
            environment={VARIABLE: ",".join(opinion.hostname for opinion in plan.opinions)},
        ),
        property_files=[REPORT],
        retry_policies=job_retries(),
    )


def evaluated(step: ProcessingStep, file: str) -> PipelineVariable:
    """The S3 URI of a file that EvaluateEnsemble wrote."""
    uri = step.properties.ProcessingOutputConfig.Outputs["evaluation"].S3Output.S3Uri
    return Join(on="/", values=[uri, file])


def figure(step: ProcessingStep, path: str) -> JsonGet:
    """A figure of evaluation.json, a number."""
    return JsonGet(step_name=step.name, property_file=REPORT, json_path=path)
