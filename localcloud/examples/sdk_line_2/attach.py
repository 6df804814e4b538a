"""Train by an Estimator of SDK line 2, find the training again by its name, and read its curve: `make examples`.

It runs where line 2 is installed, without a pipeline.
"""

# ruff: noqa: E402

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from local_pipeline import BUCKET, NO_TELEMETRY, ROLE, SESSION, flowers
from sagemaker import Session
from sagemaker.sklearn import SKLearn

storage = SESSION.client("s3")
storage.create_bucket(Bucket=BUCKET)
storage.put_object(Bucket=BUCKET, Key="data/train.csv", Body=flowers().encode())
session = Session(SESSION, SESSION.client("sagemaker"), default_bucket=BUCKET, sagemaker_config=NO_TELEMETRY)
estimator = SKLearn(
    entry_point="train.py",
    source_dir=str(HERE / "code"),
    framework_version="1.2-1",
    py_version="py3",
    role=ROLE,
    hyperparameters={"max-depth": 2},
    metric_definitions=[{"Name": "train:accuracy", "Regex": "train_accuracy=(.*?);"}],
    instance_type="ml.m5.large",
    instance_count=1,
    sagemaker_session=session,
)

if __name__ == "__main__":
    estimator.fit({"train": f"s3://{BUCKET}/data/"}, logs=False)
    attached = SKLearn.attach(estimator.latest_training_job.name, sagemaker_session=session)
    curve = attached.training_job_analytics.dataframe()
    print(
        f"Attached: max-depth {attached.hyperparameters()['max-depth']}, {curve['metric_name'][0]} {curve['value'][0]}."
    )
