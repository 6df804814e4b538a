"""A person's own program, run as AWS's framework images (scikit-learn, PyTorch, HuggingFace, XGBoost) run one.

hyperparameters.py  the toolkit's hyperparameters and the program's, as values and as arguments
environment.py      the SM_* variables
source.py           sagemaker_submit_directory: the program's folder, /opt/ml/code
training.py         the command of a training
handlers.py         model_fn, input_fn, predict_fn, output_fn, transform_fn: a person's, or the defaults
encoding.py         arrays of a request's body, and back
serve.py            the serving container

The contract is that of AWS's packages sagemaker-training 5.1 and sagemaker-inference 1.10, which the images have. Its
packages are this environment's: no image is used, and the log says so.
"""
