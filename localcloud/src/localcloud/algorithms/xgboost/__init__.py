"""The emulator for the built-in XGBoost: the open-source library itself.

train.py            the training, from /opt/ml to xgboost-model
hyperparameters.py  what may be asked for, version by version
tables.py           a channel, or a request, of CSV or LIBSVM as a matrix
metrics.py          what the algorithm measures, and the figures that the library itself has not
model_file.py       xgboost-model, as the image's version writes it
serve.py            the answers
versions.py         what an image's tag says of its version
"""

ALGORITHM = "xgboost"
MODEL = "xgboost-model"
"""The name of the model's file in model.tar.gz."""
