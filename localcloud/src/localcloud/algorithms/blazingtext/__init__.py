"""The emulator for the built-in BlazingText in supervised mode: fastText, whose `model.bin` is BlazingText's too.

train.py            the training, from /opt/ml to model.bin
hyperparameters.py  what may be asked for
texts.py            a channel as a file of labelled lines
serve.py            the answers
"""

ALGORITHM = "blazingtext"
LABEL = "__label__"
MODEL = "model.bin"
