"""The pipeline, in the order in which data flows: a line a step, and a branch an opinion."""

from __future__ import annotations

from sagemaker.mlops.workflow.pipeline import Pipeline

from pipeline.definition.steps.check_quality import check_quality
from pipeline.definition.steps.configure_endpoint import configure_endpoint
from pipeline.definition.steps.create_ensemble_model import create_ensemble_model
from pipeline.definition.steps.create_opinion_model import create_opinion_model
from pipeline.definition.steps.deploy_endpoint import deploy_endpoint
from pipeline.definition.steps.ensemble import ensemble_containers
from pipeline.definition.steps.evaluate_ensemble import evaluate_ensemble
from pipeline.definition.steps.plan import Plan
from pipeline.definition.steps.predict_opinion import predict_opinion
from pipeline.definition.steps.prepare_data import prepare_data
from pipeline.definition.steps.quality_too_low import quality_too_low
from pipeline.definition.steps.register_ensemble import register_ensemble
from pipeline.definition.steps.train_opinion import train_opinion


def build_pipeline(plan: Plan) -> Pipeline:
    prepare = prepare_data(plan)

    trainings = [train_opinion(plan, opinion, prepare) for opinion in plan.opinions]
    models = [create_opinion_model(plan, *each) for each in zip(plan.opinions, trainings, strict=True)]
    predictions = [predict_opinion(plan, *each, prepare) for each in zip(plan.opinions, models, strict=True)]
    evaluate = evaluate_ensemble(plan, prepare, predictions)

    containers = ensemble_containers(plan, trainings, evaluate)
    register = register_ensemble(plan, containers, evaluate)
    ensemble = create_ensemble_model(plan, containers)
    config = configure_endpoint(plan, ensemble)
    deploy = deploy_endpoint(plan, config)
    too_low = quality_too_low(plan, evaluate)
    gate = check_quality(plan, evaluate, passed=[register, ensemble, config, deploy], failed=[too_low])

    return Pipeline(
        name=plan.settings.pipeline_name,
        parameters=list(plan.parameters.values()),
        steps=[prepare, *trainings, *models, *predictions, evaluate, gate],
        sagemaker_session=plan.session,
        pipeline_experiment_config=None,
    )
