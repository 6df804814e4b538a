"""Prepare, train in script mode, evaluate, and register what is good enough, with SDK line 3.

python localcloud/examples/script_mode/pipeline.py
"""

# ruff: noqa: E402

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from local_pipeline import BUCKET, ROLE, SCIKIT_LEARN, SESSION, begin_model, pipeline_session, run, stored_json
from processing_data import output_of, read, written
from sagemaker.core.model_registry import create_model_package_from_containers
from sagemaker.core.processing import ScriptProcessor
from sagemaker.core.training.configs import Compute, InputData, OutputDataConfig, SourceCode
from sagemaker.core.workflow.conditions import ConditionGreaterThanOrEqualTo
from sagemaker.core.workflow.functions import JsonGet
from sagemaker.core.workflow.parameters import ParameterFloat
from sagemaker.core.workflow.properties import PropertyFile
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.fail_step import FailStep
from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.mlops.workflow.steps import ProcessingStep, TrainingStep
from sagemaker.train.model_trainer import ModelTrainer

OUTPUT = f"s3://{BUCKET}/script-mode"
ACCURACY = "multiclass_classification_metrics.accuracy.value"
session = pipeline_session()
least_accuracy = ParameterFloat("LeastAccuracy", 0.9)

processor = ScriptProcessor(
    role=ROLE,
    image_uri=SCIKIT_LEARN,
    command=["python3"],
    instance_count=1,
    instance_type="ml.m5.large",
    sagemaker_session=session,
)
prepare = ProcessingStep(
    name="Prepare",
    step_args=processor.run(
        code=str(HERE / "code" / "prepare.py"),
        inputs=[read("input", f"s3://{BUCKET}/data/")],
        outputs=[written("train", f"{OUTPUT}/train"), written("test", f"{OUTPUT}/test")],
        arguments=["--test-share", "0.25"],
    ),
)

trainer = ModelTrainer(
    training_image=SCIKIT_LEARN,
    source_code=SourceCode(source_dir=str(HERE / "code"), entry_script="train.py"),
    hyperparameters={"strength": 0.5},
    compute=Compute(instance_type="ml.m5.large", instance_count=1),
    output_data_config=OutputDataConfig(s3_output_path=f"{OUTPUT}/models"),
    role=ROLE,
    sagemaker_session=session,
)
channel = InputData(channel_name="train", data_source=output_of(prepare, "train"))
train = TrainingStep(name="Train", step_args=trainer.train(input_data_config=[channel]))
model = train.properties.ModelArtifacts.S3ModelArtifacts

report = PropertyFile(name="Report", output_name="evaluation", path="evaluation.json")
evaluate = ProcessingStep(
    name="Evaluate",
    step_args=processor.run(
        code=str(HERE / "code" / "evaluate.py"),
        inputs=[read("model", model), read("test", output_of(prepare, "test"))],
        outputs=[written("evaluation", f"{OUTPUT}/evaluation")],
    ),
    property_files=[report],
)

begin_model(session)
create_model_package_from_containers(
    session,
    containers=[{"Image": SCIKIT_LEARN, "ModelDataUrl": model}],
    content_types=["text/csv"],
    response_types=["text/csv"],
    inference_instances=["ml.m5.large"],
    transform_instances=["ml.m5.large"],
    model_package_group_name="flowers",
    approval_status="PendingManualApproval",
)
register = ModelStep(name="Register", step_args=session.context)

accuracy = JsonGet(step_name="Evaluate", property_file=report, json_path=ACCURACY)
gate = ConditionStep(
    name="IsGoodEnough",
    conditions=[ConditionGreaterThanOrEqualTo(left=accuracy, right=least_accuracy)],
    if_steps=[register],
    else_steps=[FailStep(name="NotGoodEnough", error_message="the accuracy is below LeastAccuracy")],
)
pipeline = Pipeline(
    name="flowers",
    parameters=[least_accuracy],
    steps=[prepare, train, evaluate, gate],
    sagemaker_session=session,
)

if __name__ == "__main__":
    package = run(pipeline)["Register"]["RegisterModel"]["Arn"]
    scored = stored_json(f"{OUTPUT}/evaluation/evaluation.json")["multiclass_classification_metrics"]["accuracy"]
    status = SESSION.client("sagemaker").describe_model_package(ModelPackageName=package)["ModelApprovalStatus"]
    print(f"Accuracy {scored['value']:.2f}: {package.partition('/')[2]} is {status}.")
