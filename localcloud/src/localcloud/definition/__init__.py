"""A pipeline's definition JSON, read as the service reads it. Nothing here runs anything.

kinds.py        the step types that can run here, and by which calls
model.py        parameters, steps, and what they wait for
document.py     the text read into the model
durations.py    how long a cached result holds
references.py   what an expression refers to
reading.py      JSON of any form
placeholders.py references replaced by what is known of their targets before anything runs
validation.py   what is wrong with a definition, alone or with the values of a start
finding.py      what is wrong, and where
rules/          what can be wrong, a file a subject
parameters.py   the values of one execution's parameters
resolve.py      expressions to values
conditions.py   a Condition step's outcome
"""
