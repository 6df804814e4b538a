"""A pipeline's definition JSON, read as the service reads it. Nothing here runs anything.

kinds.py        the step types that can run here, and by which calls
model.py        parameters, steps, and what they wait for
document.py     the text read into the model
durations.py    how long a cached result holds
references.py   what an expression refers to
checks.py       what CreatePipeline refuses
service.py      step arguments and property references against the service's own description
parameters.py   the values of one execution's parameters
resolve.py      expressions to values
conditions.py   a Condition step's outcome
"""
