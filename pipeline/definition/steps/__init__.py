"""The steps, a file each, in the SageMaker SDK's own step classes.

Importing any of them imports the SDK (2 s), which wants a region in the environment: pipeline.compile sees to both.
"""
