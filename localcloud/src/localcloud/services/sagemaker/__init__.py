"""SageMaker's records that have rules of their own: models and endpoint configs, the registry, cards, images."""
