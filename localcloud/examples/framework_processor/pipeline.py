"""A folder of code with a package in it, run by FrameworkProcessor, SDK line 3, on PyTorch's image.

python localcloud/examples/framework_processor/pipeline.py
"""

# ruff: noqa: E402

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from local_pipeline import BUCKET, PYTORCH, ROLE, pipeline_session, run, stored_json
from processing_data import read, written
from sagemaker.core.processing import FrameworkProcessor
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.mlops.workflow.steps import ProcessingStep

OUTPUT = f"s3://{BUCKET}/framework-processor"
session = pipeline_session()

processor = FrameworkProcessor(
    role=ROLE,
    image_uri=PYTORCH,
    command=["python3"],
    instance_count=1,
    instance_type="ml.m5.large",
    sagemaker_session=session,
)
summarise = ProcessingStep(
    name="Summarise",
    step_args=processor.run(
        code="summarise.py",
        source_dir=str(HERE / "code"),
        inputs=[read("flowers", f"s3://{BUCKET}/data/")],
        outputs=[written("summary", f"{OUTPUT}/summary")],
        arguments=["--by", "kind"],
    ),
)
pipeline = Pipeline(name="flower-summary", steps=[summarise], sagemaker_session=session)

if __name__ == "__main__":
    run(pipeline)
    summary = stored_json(f"{OUTPUT}/summary/summary.json")
    print(f"Petals of kind 0 are {summary['0']['length']} cm long, of kind 1 {summary['1']['length']} cm.")
