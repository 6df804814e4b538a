"""Compile a pipeline of SDK line 2, which excludes line 3: `make examples`, in an environment of its own.

definition.json holds what `pipeline.definition()` gives, uploads.json what compiling put into S3. run.py runs both.
"""

# ruff: noqa: E402

import io
import json
import sys
import tarfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from local_pipeline import BUCKET, NO_TELEMETRY, ROLE, SCIKIT_LEARN, SESSION
from sagemaker.inputs import TrainingInput
from sagemaker.model import Model
from sagemaker.processing import ProcessingInput, ProcessingOutput
from sagemaker.sklearn import SKLearn, SKLearnProcessor
from sagemaker.transformer import Transformer
from sagemaker.workflow.condition_step import ConditionStep
from sagemaker.workflow.conditions import ConditionGreaterThanOrEqualTo
from sagemaker.workflow.fail_step import FailStep
from sagemaker.workflow.functions import JsonGet
from sagemaker.workflow.model_step import ModelStep
from sagemaker.workflow.parameters import ParameterFloat
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.properties import PropertyFile
from sagemaker.workflow.steps import ProcessingStep, TrainingStep, TransformStep

OUTPUT = f"s3://{BUCKET}/sdk-line-2"
INSTANCE = {"instance_type": "ml.m5.large", "instance_count": 1}
CODE = HERE / "code"
storage = SESSION.client("s3")
storage.create_bucket(Bucket=BUCKET)
session = PipelineSession(SESSION, SESSION.client("sagemaker"), default_bucket=BUCKET, sagemaker_config=NO_TELEMETRY)


def read(name, uri):
    return ProcessingInput(input_name=name, source=uri, destination=f"/opt/ml/processing/{name}")


def written(name):
    path = f"/opt/ml/processing/{name}"
    return ProcessingOutput(output_name=name, source=path, destination=f"{OUTPUT}/{name}")


def prepared(name):
    return prepare.properties.ProcessingOutputConfig.Outputs[name].S3Output.S3Uri


least_accuracy = ParameterFloat(name="LeastAccuracy", default_value=0.9)
processor = SKLearnProcessor(framework_version="1.2-1", role=ROLE, sagemaker_session=session, **INSTANCE)
prepare = ProcessingStep(
    name="Prepare",
    step_args=processor.run(
        code=str(CODE / "prepare.py"),
        inputs=[read("input", f"s3://{BUCKET}/data/")],
        outputs=[written("train"), written("test"), written("questions")],
        arguments=["--test-share", "0.25"],
    ),
)
estimator = SKLearn(
    entry_point="train.py",
    source_dir=str(CODE),
    framework_version="1.2-1",
    py_version="py3",
    role=ROLE,
    hyperparameters={"max-depth": 2},
    metric_definitions=[{"Name": "train:accuracy", "Regex": "train_accuracy=(.*?);"}],
    output_path=f"{OUTPUT}/models",
    sagemaker_session=session,
    **INSTANCE,
)
train = TrainingStep(name="Train", step_args=estimator.fit({"train": TrainingInput(prepared("train"))}))
model = Model(
    image_uri=SCIKIT_LEARN,
    model_data=train.properties.ModelArtifacts.S3ModelArtifacts,
    env={"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"},
    role=ROLE,
    sagemaker_session=session,
)
create_model = ModelStep(name="Model", step_args=model.create(instance_type="ml.m5.large"))
transformer = Transformer(
    model_name=create_model.properties.ModelName,
    output_path=f"{OUTPUT}/answers",
    accept="application/json",
    sagemaker_session=session,
    **INSTANCE,
)
transform = TransformStep(
    name="Transform", step_args=transformer.transform(data=prepared("questions"), content_type="text/csv")
)
report = PropertyFile(name="Report", output_name="evaluation", path="evaluation.json")
evaluate = ProcessingStep(
    name="Evaluate",
    step_args=processor.run(
        code=str(CODE / "evaluate.py"),
        inputs=[read("test", prepared("test")), read("answers", f"{OUTPUT}/answers")],
        outputs=[written("evaluation")],
    ),
    depends_on=[transform],
    property_files=[report],
)
register = ModelStep(
    name="Register",
    step_args=model.register(
        content_types=["text/csv"],
        response_types=["application/json"],
        inference_instances=["ml.m5.large"],
        transform_instances=["ml.m5.large"],
        model_package_group_name="flower-trees",
        approval_status="PendingManualApproval",
    ),
)
accuracy = JsonGet(step_name="Evaluate", property_file=report, json_path="accuracy")
gate = ConditionStep(
    name="IsGoodEnough",
    conditions=[ConditionGreaterThanOrEqualTo(left=accuracy, right=least_accuracy)],
    if_steps=[register],
    else_steps=[FailStep(name="NotGoodEnough", error_message="the accuracy is below LeastAccuracy")],
)
pipeline = Pipeline(
    name="flower-trees",
    parameters=[least_accuracy],
    steps=[prepare, train, create_model, transform, evaluate, gate],
    sagemaker_session=session,
)


def uploads():
    """Return what lies in the bucket, by key: a text, or the texts of an archive."""
    keys = [item["Key"] for item in storage.list_objects_v2(Bucket=BUCKET).get("Contents", ())]
    bodies = {key: storage.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys if "/code/" in key}
    return {key: unpacked(body) if key.endswith(".tar.gz") else body.decode() for key, body in bodies.items()}


def unpacked(body):
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        return {member.name: archive.extractfile(member).read().decode() for member in archive if member.isfile()}


if __name__ == "__main__":
    definition = json.loads(pipeline.definition())
    for name, content in {"definition": definition, "uploads": uploads()}.items():
        (HERE / f"{name}.json").write_text(json.dumps(content, indent=2, sort_keys=True) + "\n")
