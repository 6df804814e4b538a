"""The emulator for the built-in Image Classification: ResNets over augmented manifests, one label a picture or several.

train.py            the training, from /opt/ml to the model
hyperparameters.py  what may be asked for
labels.py           a record's label as a vector of the classes
pictures.py         a channel as batches of decoded pictures
augmentation.py     what augmentation_type does to a picture
network.py          the networks, by num_layers
pretrained.py       where the weights come from that training begins with
fitting.py          epochs, and which of them is kept
checkpoints.py      what an interrupted training goes on from
artifact.py         what model.tar.gz holds
serve.py            the answers
"""

ALGORITHM = "image-classification"
