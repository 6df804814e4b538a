"""The PrepareData job: labels.csv and images/ in; pictures, manifests, rows and an exploration out.

labels.py        the rows of labels.csv, each checked
catalogue.py     those rows on disk, their keys and what became of them
pictures.py      every picture to its standard form, on every core
digest.py        by what files and captions are known again
fingerprint.py   by what a picture is known again when it was stored anew
grouping.py      rows that must not be split apart
split.py         groups into training, validation and test
manifests.py     what the trainings and transforms read
exploration/     what the data looks like
job.py           all of it in order
"""
