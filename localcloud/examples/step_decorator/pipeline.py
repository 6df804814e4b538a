"""Python functions as steps, by SDK line 3's @step: what one returns is the next one's argument.

python localcloud/examples/step_decorator/pipeline.py
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from local_pipeline import BUCKET, ROLE, SCIKIT_LEARN, pipeline_session, run, stored_json
from sagemaker.core.workflow.parameters import ParameterInteger
from sagemaker.mlops.workflow.function_step import step
from sagemaker.mlops.workflow.pipeline import Pipeline

session = pipeline_session()
number = ParameterInteger("Number", 30)
HOW = {"image_uri": SCIKIT_LEARN, "instance_type": "ml.m5.large", "role": ROLE}


@step(name="Draw", **HOW)
def draw(number):
    import random

    chance = random.Random(0)  # noqa: S311 - petals, no secret
    return [chance.gauss(1.5, 0.4) for _ in range(number)]


@step(name="Average", **HOW)
def average(lengths):
    import json

    import boto3

    mean = sum(lengths) / len(lengths)
    body = json.dumps({"mean": mean, "number": len(lengths)})
    boto3.client("s3").put_object(Bucket="examples", Key="step-decorator/mean.json", Body=body.encode())
    return mean


pipeline = Pipeline(
    name="flower-average", parameters=[number], steps=[average(draw(number))], sagemaker_session=session
)

if __name__ == "__main__":
    run(pipeline)
    found = stored_json(f"s3://{BUCKET}/step-decorator/mean.json")
    print(f"{found['number']} petals are {found['mean']:.2f} cm long on average.")
