# Records nets of Keras 3: the ONNX file that Model.export writes, its scores of a batch, and how they are trained: the loss,
# a digest of the gradients, the losses of three steps of plain SGD. `KERAS_BACKEND` says by which exporter: `tensorflow`
# goes through tf2onnx, `torch` through torch.onnx.
#
# Normalizations are in inference mode, as exported: they use their moving statistics. Exporters fold them, each its own
# way: into the kernel before them, into a factor and a shift, or into three constants. What is compared is what the file
# stores, so the gradients of Keras's variables are brought to it by the chain rule, and the steps move what it stores.
# Computed in float64, so that the figures are Keras's without rounding of its own; the file is float32.
#
# Weights and images are filled by the rule of builders.py. MobileNetV2's file comes without its weights, as those of
# stock-nets.py: what it stores are inputs of the graph, to be filled by names and ranges, and so is the model. tf2onnx
# numbers what it makes anew in every run, so another one records other names, and for MobileNetV2 other figures.
#
#   python3 -m venv tf && tf/bin/pip install keras==3.15.1 tensorflow-cpu==2.21.0 tf2onnx==1.17.0 onnx==1.23.2 numpy==2.4.6
#   python3 -m venv pt && pt/bin/pip install keras==3.15.1 torch==2.15.0 onnx==1.23.2 onnxscript==0.7.2 numpy==2.4.6
#   KERAS_BACKEND=tensorflow tf/bin/python test/goldens/train/keras.py > test/goldens/train/keras/tensorflow.json
#   KERAS_BACKEND=torch pt/bin/python test/goldens/train/keras.py > test/goldens/train/keras/torch.json
import os
import sys

# This file has the name of the package.
sys.path = [folder for folder in sys.path if os.path.abspath(folder or ".") != os.path.dirname(os.path.abspath(__file__))]
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import base64
import contextlib
import gzip
import json
import math
import tempfile
import warnings

import keras
import numpy as np
import onnx
from keras import layers
from onnx import numpy_helper

warnings.filterwarnings("ignore")
backend = keras.backend.backend()
steps = 3
if backend == "tensorflow":
    import tensorflow as tf
    import tf2onnx

    tool = f"keras {keras.__version__}, tensorflow {tf.__version__}, tf2onnx {tf2onnx.__version__}"
else:
    import torch

    torch.set_num_threads(1)
    tool = f"keras {keras.__version__}, torch {torch.__version__}"


def sequential():
    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Conv2D(6, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.DepthwiseConv2D(3, strides=2, padding="same"),
            layers.BatchNormalization(),
            layers.ReLU(6.0),
            layers.MaxPooling2D(),
            layers.GlobalAveragePooling2D(),
            layers.Dropout(0.2),
            layers.Dense(4, activation="softmax"),
        ]
    )


def flattened():
    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Rescaling(1 / 127.5, offset=-1),
            layers.Conv2D(4, 3, padding="valid", activation="relu"),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dense(5, activation="elu"),
            layers.Dense(4, activation="softmax"),
        ]
    )


def residual():
    image = keras.Input((16, 16, 3))
    x = layers.ZeroPadding2D(((0, 1), (0, 1)))(image)
    x = layers.Conv2D(4, 3, strides=2)(x)
    x = layers.BatchNormalization()(x)
    x = layers.Activation("swish")(x)
    y = layers.SeparableConv2D(4, 3, padding="same")(x)
    y = layers.Activation("hard_sigmoid")(y)
    gate = layers.GlobalAveragePooling2D(keepdims=True)(y)
    gate = layers.Conv2D(2, 1, activation="elu")(gate)
    gate = layers.Conv2D(4, 1, activation="sigmoid")(gate)
    x = layers.Add()([x, layers.Multiply()([y, gate])])
    x = layers.LeakyReLU()(x)
    x = layers.Conv2D(6, 3, strides=2, padding="same")(x)
    # torch.onnx cannot write Keras's.
    if backend == "tensorflow":
        x = layers.LayerNormalization()(x)
    x = layers.GlobalMaxPooling2D()(x)
    return keras.Model(image, layers.Dense(1, activation="sigmoid")(x))


def mobilenet():
    return keras.applications.MobileNetV2((32, 32, 3), alpha=0.35, classes=3, weights=None)


# Constructor, labels, rate, whether the file keeps its weights, offset and scale of the images.
nets = {
    "sequential": (sequential, [1, 3, 0, 2], 0.1, True, (0, 1)),
    "flattened": (flattened, [1, 3, 0, 2], 0.1, True, (127.5, 127.5)),
    "residual": (residual, [1, 0, 0, 1], 0.1, True, (0, 1)),
}
if backend == "tensorflow":
    nets["mobilenetV2"] = (mobilenet, [1, 2, 0, 2], 0.001, False, (0, 1))


def hashed(name, count):
    """`count` numbers in [-1, 1) that depend on the name (FNV-1a) and the index."""
    seed = 2166136261
    for byte in name.encode():
        seed = ((seed ^ byte) * 16777619) & 0xFFFFFFFF
    with np.errstate(over="ignore"):
        x = np.arange(count, dtype=np.uint32) + np.uint32(seed)
        for _ in range(2):
            x = (x ^ (x >> np.uint32(16))) * np.uint32(0x45D9F3B)
        x = x ^ (x >> np.uint32(16))
    return x.astype(np.float64) / 2**31 - 1


def fill(name, shape):
    values = hashed(name, math.prod(shape))
    if name.endswith(("gamma", "variance")):
        values = 1 + 0.3 * values
    elif len(shape) == 1:
        values = 0.1 * values
    else:
        # Kernels by depth are [H, W, C, 1].
        depthwise = len(shape) == 4 and shape[-1] == 1
        values = values * math.sqrt(6 / (math.prod(shape[:2]) if depthwise else math.prod(shape[:-1])))
    return values.reshape(shape).astype(np.float32)


def to_file(kernel, depthwise):
    """[H, W, in, out] becomes [out, in, H, W]; [H, W, C, 1] by depth [C, 1, H, W]; matrices stay."""
    return kernel if kernel.ndim < 4 else kernel.transpose((2, 3, 0, 1) if depthwise else (3, 2, 0, 1))


def from_file(value, like, depthwise):
    if like.ndim < 4:
        return value.reshape(like.shape)
    return value.transpose((2, 3, 0, 1) if depthwise else (2, 3, 1, 0))


def numbers(variable):
    return keras.ops.convert_to_numpy(variable.value)


class Stored:
    """A constant of the file: its value now, its gradient of those of the variables, and how it is moved to a value."""

    def __init__(self, value, gradient, move):
        self.value, self.gradient, self.move = value, gradient, move


def plain(variable, depthwise=False):
    return Stored(
        lambda: to_file(numbers(variable), depthwise),
        lambda of: to_file(of[variable.path], depthwise),
        lambda value: variable.assign(from_file(value, numbers(variable), depthwise)),
    )


class Normalization:
    """A batch normalization and what precedes it, as exporters may store them."""

    def __init__(self, layer, before):
        self.layer, self.kernel = layer, before.kernel
        self.depthwise = isinstance(before, layers.DepthwiseConv2D)
        self.bias = before.bias if before.use_bias else None

    def factor(self):
        return numbers(self.layer.gamma) / self.deviation()

    def deviation(self):
        return np.sqrt(numbers(self.layer.moving_variance) + self.layer.epsilon)

    def mean(self):
        return numbers(self.layer.moving_mean)

    def before(self):
        """What the bias in front leaves of the mean."""
        return self.mean() - (0 if self.bias is None else numbers(self.bias))

    def column(self):
        return self.factor().reshape(-1, 1, 1, 1)

    def folded(self):
        """In the kernel, and a bias."""
        gamma, beta = self.layer.gamma, self.layer.beta
        kernel = Stored(
            lambda: to_file(numbers(self.kernel), self.depthwise) * self.column(),
            lambda of: to_file(of[self.kernel.path], self.depthwise) / self.column(),
            lambda value: self.kernel.assign(from_file(value / self.column(), numbers(self.kernel), self.depthwise)),
        )
        bias = Stored(
            lambda: numbers(beta) - self.before() * self.factor(),
            lambda of: of[beta.path],
            lambda value: beta.assign(value + self.before() * self.factor()),
        )
        return [kernel, bias], [self.kernel, gamma, beta, *([] if self.bias is None else [self.bias])]

    def two(self):
        """A factor and a shift; the factor is moved first."""
        gamma, beta = self.layer.gamma, self.layer.beta
        factor = Stored(
            self.factor,
            lambda of: of[gamma.path] * self.deviation() + of[beta.path] * self.mean(),
            lambda value: gamma.assign(value * self.deviation()),
        )
        shift = Stored(
            lambda: numbers(beta) - self.mean() * self.factor(),
            lambda of: of[beta.path],
            lambda value: beta.assign(value + self.mean() * self.factor()),
        )
        return [factor, shift], [gamma, beta]

    def three(self):
        """A mean, a factor and a shift."""
        gamma, beta, mean = self.layer.gamma, self.layer.beta, self.layer.moving_mean
        subtracted = Stored(self.mean, lambda of: -of[beta.path] * self.factor(), mean.assign)
        factor = Stored(
            self.factor,
            lambda of: of[gamma.path] * self.deviation(),
            lambda value: gamma.assign(value * self.deviation()),
        )
        return [subtracted, factor, plain(beta)], [gamma, beta]


def stored(model, file):
    """What the file stores of the model, by its names there."""
    found = {}
    constants = {value.name: numpy_helper.to_array(value) for value in file.graph.initializer}

    def find(values):
        names = []
        for entry in values:
            wanted = entry.value().flatten()
            same = [
                name
                for name, value in constants.items()
                if value.size == wanted.size and np.allclose(value.flatten(), wanted, rtol=1e-4, atol=1e-6)
            ]
            if not same:
                return False
            names.append(same[0])
        found.update(zip(names, values))
        return True

    done = set()
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            normalization = Normalization(layer, layer.input._keras_history.operation)
            for form in [normalization.folded, normalization.three, normalization.two]:
                values, variables = form()
                if find(values):
                    done.update(variable.path for variable in variables)
                    break
            else:
                raise RuntimeError(f"{layer.name} is not in the file")
    for layer in model.layers:
        for variable in layer.trainable_variables:
            depthwise = variable.name == "depthwise_kernel" or isinstance(layer, layers.DepthwiseConv2D)
            if variable.path not in done and not find([plain(variable, depthwise)]):
                raise RuntimeError(f"{variable.path} is not in the file")
    return found


def take_out(constants, file):
    """Makes the constants inputs of the file, and moves the model to numbers of `hashed`: offset and scale of each."""
    ranges = {}
    for value in [value for value in file.graph.initializer if value.name in constants]:
        file.graph.initializer.remove(value)
        file.graph.input.append(onnx.helper.make_tensor_value_info(value.name, value.data_type, value.dims))
        dims = list(value.dims)
        if len(dims) > 1 and dims[0] > 1:
            ranges[value.name] = [0, number(math.sqrt(6 / (math.prod(dims[1:]) if len(dims) == 4 else dims[0])))]
        else:
            ranges[value.name] = [1, 0.3] if "batchnorm/mul" in value.name else [0, 0.1]
    filled = {name: offset + scale * hashed(name, constants[name].value().size) for name, (offset, scale) in ranges.items()}
    for name, entry in constants.items():
        entry.move(filled[name].astype(np.float32).astype(np.float64).reshape(entry.value().shape))
    return ranges


def objective(model, images, labels):
    scores = model(images, training=False)
    if scores.shape[-1] == 1:
        true = scores[:, 0] * labels + (1 - scores[:, 0]) * (1 - labels)
    else:
        true = keras.ops.sum(scores * keras.ops.one_hot(labels, scores.shape[-1], dtype="float64"), axis=1)
    return -keras.ops.mean(keras.ops.log(true))


def differentiate(model, images, labels):
    variables = model.trainable_variables
    if backend == "tensorflow":
        with tf.GradientTape() as tape:
            loss = objective(model, images, labels)
        gradients = tape.gradient(loss, [variable.value for variable in variables])
    else:
        loss = objective(model, torch.from_numpy(images), torch.from_numpy(labels))
        gradients = torch.autograd.grad(loss, [variable.value for variable in variables])
    gradients = [keras.ops.convert_to_numpy(value) for value in gradients]
    return float(loss), {variable.path: value for variable, value in zip(variables, gradients)}


def number(value):
    return float(f"{float(value):.8g}")


def digest(name, gradient):
    """Largest magnitude, L2 norm, product with the numbers of `hashed`, and up to twelve elements."""
    flat = gradient.flatten()
    count = min(len(flat), 12)
    samples = [flat[at * (len(flat) - 1) // max(1, count - 1)] for at in range(count)]
    product = (flat * hashed(f"probe of {name}", len(flat))).sum()
    return [number(value) for value in (np.abs(flat).max(), np.linalg.norm(flat), product, *samples)]


def export(model):
    # The exporters print.
    with contextlib.redirect_stdout(sys.stderr), tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/model.onnx"
        model.export(path, format="onnx", verbose=False)
        file = onnx.load(path)
    for node in file.graph.node:
        node.ClearField("doc_string")
    return file


def record(name, make, labels, rate, keeps, filling):
    keras.utils.clear_session()
    keras.config.set_dtype_policy("float32")
    exported = make()
    state = [fill(f"{name} {at} {variable.name}", variable.shape) for at, variable in enumerate(exported.weights)]
    exported.set_weights(state)
    dims = [len(labels), *exported.input_shape[1:]]
    images = filling[0] + filling[1] * hashed(f"images of {name}", math.prod(dims)).reshape(dims)
    images = images.astype(np.float32)
    exported(images)
    file = export(exported)

    keras.config.set_dtype_policy("float64")
    model = make()
    model.set_weights(state)
    images, labels = images.astype(np.float64), np.array(labels)
    constants = stored(model, file)
    ranges = {} if keeps else take_out(constants, file)
    scores = keras.ops.convert_to_numpy(model(images, training=False))
    assert scores.dtype == np.float64
    losses, gradients = [], {}
    for step in range(steps + 1):
        loss, of = differentiate(model, images, labels)
        losses.append(number(loss))
        if step == steps:
            break
        found = {key: entry.gradient(of) for key, entry in constants.items()}
        if step == 0:
            gradients = {key: digest(key, value) for key, value in found.items()}
        moved = {key: entry.value() - rate * found[key] for key, entry in constants.items()}
        for key, entry in constants.items():
            entry.move(moved[key])
    return {
        "inputDims": dims,
        "filling": filling,
        "labels": labels.tolist(),
        "rate": rate,
        "ranges": ranges,
        "scores": [number(value) for value in scores.flatten()],
        "losses": losses,
        "gradients": gradients,
        "model": base64.b64encode(gzip.compress(file.SerializeToString(), 9, mtime=0)).decode(),
    }


recorded = {name: record(name, *entry) for name, entry in nets.items()}
for name, net in recorded.items():
    print(name, net["losses"], len(net["model"]), file=sys.stderr)
json.dump({"tool": tool, "nets": recorded}, sys.stdout, separators=(",", ":"))
