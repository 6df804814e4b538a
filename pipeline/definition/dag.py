"""The pipeline, a line a step, in the order in which data flows."""

from __future__ import annotations

from sagemaker.mlops.workflow.pipeline import Pipeline

from pipeline.definition.steps.check_quality import check_quality
from pipeline.definition.steps.configure_endpoint import configure_endpoint
from pipeline.definition.steps.create_ensemble_model import create_ensemble_model
from pipeline.definition.steps.create_image_model import create_image_model
from pipeline.definition.steps.create_text_model import create_text_model
from pipeline.definition.steps.deploy_endpoint import deploy_endpoint
from pipeline.definition.steps.ensemble import ensemble_containers
from pipeline.definition.steps.evaluate_ensemble import evaluate_ensemble
from pipeline.definition.steps.plan import Plan
from pipeline.definition.steps.predict_images import predict_images
from pipeline.definition.steps.predict_texts import predict_texts
from pipeline.definition.steps.prepare_data import prepare_data
from pipeline.definition.steps.quality_too_low import quality_too_low
from pipeline.definition.steps.register_ensemble import register_ensemble
from pipeline.definition.steps.train_image_classifier import train_image_classifier
from pipeline.definition.steps.train_text_classifier import train_text_classifier


def build_pipeline(plan: Plan) -> Pipeline:
    prepare = prepare_data(plan)

    train_images = train_image_classifier(plan, prepare)
    image_model = create_image_model(plan, train_images)
    images = predict_images(plan, image_model, prepare)

    train_texts = train_text_classifier(plan, prepare)
    text_model = create_text_model(plan, train_texts)
    texts = predict_texts(plan, text_model, prepare)

    evaluate = evaluate_ensemble(plan, prepare, images, texts)

    containers = ensemble_containers(plan, train_images, train_texts, evaluate)
    register = register_ensemble(plan, containers, evaluate)
    ensemble = create_ensemble_model(plan, containers)
    config = configure_endpoint(plan, ensemble)
    deploy = deploy_endpoint(plan, config)
    too_low = quality_too_low(plan, evaluate)
    gate = check_quality(plan, evaluate, passed=[register, ensemble, config, deploy], failed=[too_low])

    return Pipeline(
        name=plan.settings.pipeline_name,
        parameters=list(plan.parameters.values()),
        steps=[prepare, train_images, train_texts, image_model, text_model, images, texts, evaluate, gate],
        sagemaker_session=plan.session,
        pipeline_experiment_config=None,
    )
