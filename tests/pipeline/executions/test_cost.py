"""What an execution asks for at most, said before it starts."""

import json

from pipeline.executions.starting.cost import lines

DEFINITION = json.dumps(
    {
        "Parameters": [
            {"Name": "Kind", "Type": "String", "DefaultValue": "ml.p3.2xlarge"},
            {"Name": "Serving", "Type": "Integer", "DefaultValue": 1},
        ],
        "Steps": [
            {
                "Name": "Prepare",
                "Type": "Processing",
                "Arguments": {
                    "ProcessingResources": {"ClusterConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 2}},
                    "StoppingCondition": {"MaxRuntimeInSeconds": 7200},
                },
            },
            {
                "Name": "Train",
                "Type": "Training",
                "Arguments": {
                    "ResourceConfig": {"InstanceType": {"Get": "Parameters.Kind"}, "InstanceCount": 1},
                    "StoppingCondition": {"MaxRuntimeInSeconds": 5400, "MaxWaitTimeInSeconds": 9000},
                    "EnableManagedSpotTraining": True,
                },
            },
            {
                "Name": "Serve",
                "Type": "EndpointConfig",
                "Arguments": {
                    "ProductionVariants": [
                        {"InstanceType": "ml.m5.xlarge", "InitialInstanceCount": {"Get": "Parameters.Serving"}}
                    ]
                },
            },
        ],
    }
)


def test_instances_hours_and_spot_are_named_with_the_values_that_were_given() -> None:
    assert list(lines(DEFINITION, {"Serving": "2"})) == [
        "Prepare: 2 x ml.m5.xlarge, at most 2 h",
        "Train: 1 x ml.p3.2xlarge, spot, at most 1.5 h",
        "Serve: 2 x ml.m5.xlarge, from then on until the endpoint is deleted",
    ]


def test_only_the_selected_steps_are_counted() -> None:
    assert list(lines(DEFINITION, {"Kind": "ml.g5.xlarge"}, ["Train"])) == [
        "Train: 1 x ml.g5.xlarge, spot, at most 1.5 h"
    ]
