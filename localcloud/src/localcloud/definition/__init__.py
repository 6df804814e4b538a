"""A pipeline's definition JSON, read as the service reads it. Nothing here runs anything.

kinds.py        the step types that can run here, and by which calls
model.py        parameters, steps, and what they wait for
document.py     the text read into the model
durations.py    how long a cached result holds
reading.py      JSON of any form
validation.py   what is wrong with a definition, alone or with the values of a start
finding.py      what is wrong, and where
rules/          what can be wrong, a file a subject
parameters.py   the values of one execution's parameters
expressions/    what an expression refers to, what is known of it before anything runs, its value, a condition's outcome
"""
