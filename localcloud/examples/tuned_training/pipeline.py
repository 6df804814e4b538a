"""A tuned training, with SDK line 3: a HyperparameterTuner over built-in XGBoost, whose best model is registered.

python localcloud/examples/tuned_training/pipeline.py
"""

# ruff: noqa: E402

import io
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from local_pipeline import BUCKET, ROLE, SESSION, begin_model, flowers, pipeline_session, run
from sagemaker.core import image_uris
from sagemaker.core.model_registry import create_model_package_from_containers
from sagemaker.core.parameter import CategoricalParameter
from sagemaker.core.shapes import Channel, DataSource, S3DataSource
from sagemaker.core.training.configs import Compute, OutputDataConfig
from sagemaker.core.workflow.functions import Join
from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.mlops.workflow.steps import TuningStep
from sagemaker.train.model_trainer import ModelTrainer
from sagemaker.train.tuner import HyperparameterTuner

OUTPUT = f"s3://{BUCKET}/tuned-training"
XGBOOST = image_uris.retrieve("xgboost", region="us-east-1", version="1.7-1", instance_type="ml.m5.large")
session = pipeline_session()
lines = [line.split(",") for line in flowers().splitlines()[1:]]
rows = "".join(f"{kind},{length},{width}\n" for length, width, kind in lines)
SESSION.client("s3").upload_fileobj(io.BytesIO(rows.encode()), BUCKET, "tuned-training/rows/rows.csv")


def channel(name: str) -> Channel:
    source = S3DataSource(s3_data_type="S3Prefix", s3_uri=f"{OUTPUT}/rows/")
    return Channel(channel_name=name, data_source=DataSource(s3_data_source=source), content_type="text/csv")


trainer = ModelTrainer(
    training_image=XGBOOST,
    hyperparameters={"objective": "binary:logistic", "num_round": "3", "eval_metric": "logloss"},
    compute=Compute(instance_type="ml.m5.large", instance_count=1),
    output_data_config=OutputDataConfig(s3_output_path=f"{OUTPUT}/models"),
    role=ROLE,
    sagemaker_session=session,
)
tuner = HyperparameterTuner(
    model_trainer=trainer,
    objective_metric_name="validation:logloss",
    objective_type="Minimize",
    hyperparameter_ranges={"eta": CategoricalParameter(["0.01", "0.9"])},
    strategy="Grid",
    max_jobs=2,
    max_parallel_jobs=2,
)
tune = TuningStep(name="Tune", step_args=tuner.tune(inputs=[channel("train"), channel("validation")], wait=False))
best = tune.properties.BestTrainingJob.TrainingJobName

begin_model(session)
create_model_package_from_containers(
    session,
    containers=[
        {
            "Image": XGBOOST,
            "ModelDataUrl": Join(on="/", values=[f"{OUTPUT}/models", best, "output", "model.tar.gz"]),
        }
    ],
    content_types=["text/csv"],
    response_types=["text/csv"],
    inference_instances=["ml.m5.large"],
    transform_instances=["ml.m5.large"],
    model_package_group_name="tuned",
    approval_status="PendingManualApproval",
)
register = ModelStep(name="Register", step_args=session.context)
pipeline = Pipeline(name="tuned", steps=[tune, register], sagemaker_session=session)

if __name__ == "__main__":
    steps = run(pipeline)
    client = SESSION.client("sagemaker")
    name = steps["Tune"]["TuningJob"]["Arn"].rpartition("/")[2]
    found = client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    package = client.describe_model_package(ModelPackageName=steps["Register"]["RegisterModel"]["Arn"])
    model = package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    told = "is registered" if found["BestTrainingJob"]["TrainingJobName"] in model else "is not what is registered"
    tried = found["TrainingJobStatusCounters"]["Completed"]
    print(f"Of {tried} trainings the one with {found['BestTrainingJob']['TunedHyperParameters']} {told}.")
