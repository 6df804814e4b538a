"""The pipeline as a definition: the DAG and its steps, compiled, bundled and upserted."""
