"""Built-in XGBoost in the shape of AWS's abalone pipeline: process, train, evaluate, condition, register, transform.

python localcloud/examples/boosted_trees/pipeline.py
"""

# ruff: noqa: E402

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from local_pipeline import BUCKET, ROLE, SCIKIT_LEARN, SESSION, begin_model, pipeline_session, run, stored_json
from processing_data import output_of, read, written
from sagemaker.core import image_uris
from sagemaker.core.model_registry import create_model_package_from_containers
from sagemaker.core.processing import ScriptProcessor
from sagemaker.core.shapes import Channel, DataSource, S3DataSource
from sagemaker.core.training.configs import Compute, OutputDataConfig
from sagemaker.core.transformer import Transformer
from sagemaker.core.workflow.conditions import ConditionLessThanOrEqualTo
from sagemaker.core.workflow.functions import JsonGet
from sagemaker.core.workflow.parameters import ParameterFloat
from sagemaker.core.workflow.properties import PropertyFile
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.fail_step import FailStep
from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.mlops.workflow.steps import ProcessingStep, TrainingStep, TransformStep
from sagemaker.train.model_trainer import ModelTrainer

OUTPUT = f"s3://{BUCKET}/boosted-trees"
XGBOOST = image_uris.retrieve("xgboost", region="us-east-1", version="1.7-1", instance_type="ml.m5.large")
session = pipeline_session()
most_error = ParameterFloat("MostError", 0.1)

processor = ScriptProcessor(
    role=ROLE,
    image_uri=SCIKIT_LEARN,
    command=["python3"],
    instance_count=1,
    instance_type="ml.m5.large",
    sagemaker_session=session,
)
parts = [written(name, f"{OUTPUT}/{name}") for name in ("train", "validation", "test", "batch")]
prepare = ProcessingStep(
    name="Prepare",
    step_args=processor.run(
        code=str(HERE / "code" / "prepare.py"), inputs=[read("input", f"s3://{BUCKET}/data/")], outputs=parts
    ),
)


def channel(name: str) -> Channel:
    source = S3DataSource(s3_data_type="S3Prefix", s3_uri=output_of(prepare, name))
    return Channel(channel_name=name, data_source=DataSource(s3_data_source=source), content_type="text/csv")


trainer = ModelTrainer(
    training_image=XGBOOST,
    hyperparameters={"objective": "reg:squarederror", "num_round": "10", "max_depth": "2", "eta": "0.3"},
    compute=Compute(instance_type="ml.m5.large", instance_count=1),
    output_data_config=OutputDataConfig(s3_output_path=f"{OUTPUT}/models"),
    role=ROLE,
    sagemaker_session=session,
)
train = TrainingStep(name="Train", step_args=trainer.train(input_data_config=[channel("train"), channel("validation")]))
artifacts = train.properties.ModelArtifacts.S3ModelArtifacts

report = PropertyFile(name="Report", output_name="evaluation", path="evaluation.json")
evaluate = ProcessingStep(
    name="Evaluate",
    step_args=processor.run(
        code=str(HERE / "code" / "evaluate.py"),
        inputs=[read("model", artifacts), read("test", output_of(prepare, "test"))],
        outputs=[written("evaluation", f"{OUTPUT}/evaluation")],
    ),
    property_files=[report],
)

begin_model(session)
create_model_package_from_containers(
    session,
    containers=[{"Image": XGBOOST, "ModelDataUrl": artifacts}],
    content_types=["text/csv"],
    response_types=["text/csv"],
    inference_instances=["ml.m5.large"],
    transform_instances=["ml.m5.large"],
    model_package_group_name="petals",
    approval_status="PendingManualApproval",
)
register = ModelStep(name="Register", step_args=session.context)

begin_model(session)
session.create_model(name=None, role=ROLE, container_defs={"Image": XGBOOST, "ModelDataUrl": artifacts})
create_model = ModelStep(name="CreateModel", step_args=session.context)

transformer = Transformer(
    model_name=create_model.properties.ModelName,
    instance_count=1,
    instance_type="ml.m5.large",
    output_path=f"{OUTPUT}/widths",
    accept="text/csv",
    assemble_with="Line",
    base_transform_job_name="petals",
    sagemaker_session=session,
)
transform = TransformStep(
    name="Transform",
    step_args=transformer.transform(
        data=output_of(prepare, "batch"), data_type="S3Prefix", content_type="text/csv", split_type="Line"
    ),
)

error = JsonGet(step_name="Evaluate", property_file=report, json_path="regression_metrics.mse.value")
gate = ConditionStep(
    name="IsGoodEnough",
    conditions=[ConditionLessThanOrEqualTo(left=error, right=most_error)],
    if_steps=[register, create_model, transform],
    else_steps=[FailStep(name="NotGoodEnough", error_message="the squared error is above MostError")],
)
pipeline = Pipeline(
    name="petals",
    parameters=[most_error],
    steps=[prepare, train, evaluate, gate],
    sagemaker_session=session,
)

if __name__ == "__main__":
    steps = run(pipeline)
    job = SESSION.client("sagemaker").describe_training_job(
        TrainingJobName=steps["Train"]["TrainingJob"]["Arn"].rpartition("/")[2]
    )
    names = ", ".join(sorted(metric["MetricName"] for metric in job["FinalMetricDataList"]))
    scored = stored_json(f"{OUTPUT}/evaluation/evaluation.json")["regression_metrics"]["mse"]["value"]
    answers = SESSION.client("s3").get_object(Bucket=BUCKET, Key="boosted-trees/widths/batch.csv.out")["Body"].read()
    package = steps["Register"]["RegisterModel"]["Arn"].partition("/")[2]
    print(f"Squared error {scored:.2f} ({names}); {package}; {len(answers.split())} widths answered.")
