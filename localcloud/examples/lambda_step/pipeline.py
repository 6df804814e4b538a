"""A Lambda between two processing steps, with SDK line 3: given what the one wrote, it answers what the other is told.

python localcloud/examples/lambda_step/pipeline.py
"""

# ruff: noqa: E402

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from local_pipeline import BUCKET, ROLE, SCIKIT_LEARN, SESSION, pipeline_session, run
from processing_data import read, written
from sagemaker.core.lambda_helper import Lambda
from sagemaker.core.processing import ScriptProcessor
from sagemaker.core.workflow.functions import JsonGet
from sagemaker.core.workflow.properties import PropertyFile
from sagemaker.mlops.workflow.lambda_step import LambdaOutput, LambdaOutputTypeEnum, LambdaStep
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.mlops.workflow.steps import ProcessingStep

OUTPUT = f"s3://{BUCKET}/lambda-step"
session = pipeline_session()
processor = ScriptProcessor(
    role=ROLE,
    image_uri=SCIKIT_LEARN,
    command=["python3"],
    instance_count=1,
    instance_type="ml.m5.large",
    sagemaker_session=session,
)

counts = PropertyFile(name="Counts", output_name="counts", path="counts.json")
count = ProcessingStep(
    name="Count",
    step_args=processor.run(
        code=str(HERE / "code" / "count.py"),
        inputs=[read("input", f"s3://{BUCKET}/data/")],
        outputs=[written("counts", f"{OUTPUT}/counts")],
    ),
    property_files=[counts],
)

chooser = Lambda(
    function_name="choose-a-kind",
    execution_role_arn=ROLE,
    script=str(HERE / "code" / "choose.py"),
    handler="choose.handler",
    runtime="python3.12",
    session=session,
)
kind = LambdaOutput(output_name="kind", output_type=LambdaOutputTypeEnum.String)
number = LambdaOutput(output_name="number", output_type=LambdaOutputTypeEnum.Integer)
choose = LambdaStep(
    name="Choose",
    lambda_func=chooser,
    inputs={name: JsonGet(step_name="Count", property_file=counts, json_path=name) for name in ("kind_0", "kind_1")},
    outputs=[kind, number],
    depends_on=[count],
)

say = ProcessingStep(
    name="Say",
    step_args=processor.run(
        code=str(HERE / "code" / "say.py"),
        outputs=[written("said", f"{OUTPUT}/said")],
        arguments=[
            "--kind",
            choose.properties.Outputs["kind"],
            "--number",
            choose.properties.Outputs["number"].to_string(),
        ],
    ),
)
pipeline = Pipeline(name="choose-a-kind", steps=[count, choose, say], sagemaker_session=session)

if __name__ == "__main__":
    run(pipeline)
    said = SESSION.client("s3").get_object(Bucket=BUCKET, Key="lambda-step/said/said.txt")["Body"].read()
    print(said.decode())
