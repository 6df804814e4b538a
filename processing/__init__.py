"""The PrepareData job: labels.csv and images/ in; pictures, manifests, rows and an exploration out.

job.py             all of it in order
arguments.py       what the job is told
labels.py          the rows of labels.csv, each checked
row_store.py       those rows on disk, their keys and what became of them
features.py        what is remembered of every row in memory
standardising.py   the stage of pictures; pictures.py one of them; worker_pool.py the processes; progress.py the log
digest.py          by what files and captions are known again
fingerprint.py     by what a picture is known again when it was stored anew
grouping.py        rows that must not be split apart
split.py           groups into training, validation and test
manifests.py       what the trainings and transforms read
output.py          files that are whole or not there
exploration/       what the data looks like
"""
