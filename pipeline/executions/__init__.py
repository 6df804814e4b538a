"""The pipeline's executions: started, watched, explained, reported."""
