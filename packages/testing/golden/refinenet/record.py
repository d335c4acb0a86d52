"""Records outputs and gradients of the RefineNets of NCSN and NCSNv2 for small configurations, in float64.

    python record.py NCSN NCSNV2    (torch; README.md says which versions)

NCSN and NCSNV2 are checkouts of the authors' repositories. Weights, inputs and weightings are a hash of
(stream, element), so that no tensor is stored; the same few lines stand in
packages/testing/src/refinenet-golden.ts.
"""

import importlib
import json
import math
import pathlib
import sys
from types import SimpleNamespace

import numpy as np
import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent

# Streams of the hash. Parameter i of the state dict is stream i.
INPUT, WEIGHTING, PROJECTION = 100_000, 100_001, 200_000
PROJECTIONS = 3

ACTIVATIONS = {"elu": "elu", "relu": "relu", "swish": "silu", "lrelu": "leakyRelu"}


def hashed(stream, count):
    """Numbers in [-1, 1) on a grid of 2^-23, each a hash of (stream, element)."""
    wrap = np.uint64(0xFFFFFFFF)
    element = np.arange(1, count + 1, dtype=np.uint64)
    h = (np.uint64(stream + 1) * np.uint64(0x9E3779B1) & wrap) ^ (element * np.uint64(0x85EBCA6B) & wrap)
    h ^= h >> np.uint64(16)
    h = h * np.uint64(0x7FEB352D) & wrap
    h ^= h >> np.uint64(15)
    h = h * np.uint64(0x846CA68B) & wrap
    h ^= h >> np.uint64(16)
    return (h >> np.uint64(8)).astype(np.float64) * 2.0**-23 - 1.0


def weight(index, name, shape):
    """A parameter of a sensible size, rounded to float32."""
    u = hashed(index, math.prod(shape)).reshape(shape)
    if name.endswith(("bias", "beta")):
        u = 0.1 * u
    elif name.endswith(("embed.weight", "alpha", "gamma")):
        u = 1.0 + 0.25 * u
    else:
        u = u * math.sqrt(3.0 / math.prod(shape[1:]))
    return u.astype(np.float32).astype(np.float64)


def rounded(values):
    return [float(f"{value:.10g}") for value in values]


def summary(gradient, index):
    """Norm and projections on hashed vectors."""
    flat = gradient.detach().numpy().reshape(-1)
    projections = [
        float(flat @ hashed(PROJECTION + PROJECTIONS * index + k, flat.size)) for k in range(PROJECTIONS)
    ]
    return rounded([float(np.linalg.norm(flat)), *projections])


def module_of(checkout, name):
    """A module of a checkout; both call their package 'models'."""
    for known in [key for key in sys.modules if key.split(".")[0] == "models"]:
        del sys.modules[known]
    sys.path.insert(0, checkout)
    try:
        return importlib.import_module(f"models.{name}")
    finally:
        sys.path.pop(0)


def networks(ncsn, ncsnv2):
    first = module_of(ncsn, "cond_refinenet_dilated")
    second = module_of(ncsnv2, "ncsnv2")
    return {
        "NCSN": first.CondRefineNetDilated,
        "NCSNv2": second.NCSNv2,
        "NCSNv2Deeper": second.NCSNv2Deeper,
        "NCSNv2Deepest": second.NCSNv2Deepest,
    }


STAGES = {
    "NCSN": ([1, 2, 2, 2], [1, 1, 2, 4]),
    "NCSNv2": ([1, 2, 2, 2], [1, 1, 2, 4]),
    "NCSNv2Deeper": ([1, 2, 2, 4, 4], [1, 1, 1, 2, 4]),
    "NCSNv2Deepest": ([1, 2, 2, 2, 4, 4], [1, 1, 1, 1, 2, 4]),
}


def authors_config(size, channels, ngf, levels, rescaled, nonlinearity):
    height = size[0] if isinstance(size, tuple) else size
    return SimpleNamespace(
        device="cpu",
        # The two switches of the two repositories for images that are centred already.
        data=SimpleNamespace(image_size=height, channels=channels, logit_transform=rescaled, rescaled=rescaled),
        model=SimpleNamespace(
            ngf=ngf,
            num_classes=levels,
            normalization="InstanceNorm++",
            nonlinearity=nonlinearity,
            spec_norm=False,
            sigma_dist="geometric",
            sigma_begin=5,
            sigma_end=0.1,
        ),
    )


def pad_odd_sizes(model):
    """Puts a row and a column of zeros first where a size to be halved is odd, as the authors' own
    adjust_padding does for the size that they needed it for."""

    def pad(_module, inputs):
        height, width = inputs[0].shape[2:]
        return (F.pad(inputs[0], (width % 2, 0, height % 2, 0)),)

    for module in model.modules():
        if type(module).__name__ == "ConvMeanPool":
            module.register_forward_pre_hook(pad)


def our_options(network, size, channels, ngf, levels, rescaled, nonlinearity):
    multipliers, dilations = STAGES[network]
    height, width = size if isinstance(size, tuple) else (size, size)
    options = {"sampleSize": height}
    if width != height:
        options["sampleWidth"] = width
    if network == "NCSN":
        options["levels"] = levels
    return options | {
        "channels": channels,
        "ngf": ngf,
        "multipliers": multipliers,
        "dilations": dilations,
        "activation": ACTIVATIONS[nonlinearity],
        "centerInputSample": not rescaled,
    }


def record(name, classes, network, size, labels, channels=1, ngf=4, levels=10, rescaled=True, nonlinearity="elu"):
    settings = (channels, ngf, levels, rescaled, nonlinearity)
    model = classes[network](authors_config(size, *settings)).double().eval()
    pad_odd_sizes(model)
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for index, (key, value) in enumerate(parameters.items()):
            value.copy_(torch.from_numpy(weight(index, key, tuple(value.shape))))

    height, width = size if isinstance(size, tuple) else (size, size)
    shape = (len(labels), height, width, channels)
    x = torch.from_numpy(hashed(INPUT, math.prod(shape)).reshape(shape)).requires_grad_()
    output = model(x.permute(0, 3, 1, 2), torch.tensor(labels)).permute(0, 2, 3, 1)
    weighting = torch.from_numpy(hashed(WEIGHTING, output.numel()).reshape(output.shape))
    (output * weighting).sum().backward()
    sigmas = model.sigmas[torch.tensor(labels)].tolist() if network != "NCSN" else None
    case = {
        "network": network,
        "options": our_options(network, size, *settings),
        "labels": labels,
        "sigmas": sigmas,
        "parameters": [[key, list(value.shape)] for key, value in parameters.items()],
        "output": rounded(output.detach().numpy().reshape(-1).tolist()),
        "inputGradient": summary(x.grad, len(parameters)),
        "gradients": {key: summary(value.grad, i) for i, (key, value) in enumerate(parameters.items())},
    }
    lines = ",\n".join(f'  "{key}": {json.dumps(value, separators=(",", ":"))}' for key, value in case.items())
    (HERE / f"{name}.json").write_text("{\n" + lines + "\n}\n")
    print(name, tuple(output.shape), "norm", float(output.detach().norm()))


CASES = {
    # Digits, with levels that are not the same for all items.
    "ncsn-digits": dict(network="NCSN", size=28, labels=[9, 2]),
    "ncsn-colour": dict(network="NCSN", size=32, labels=[6], channels=3, rescaled=False),
    # 11 × 9 becomes 6 × 5.
    "ncsn-odd": dict(network="NCSN", size=(11, 9), labels=[0, 3, 1], channels=2, ngf=6, levels=4),
    "ncsnv2-digits": dict(network="NCSNv2", size=28, labels=[9, 2]),
    "ncsnv2-colour": dict(network="NCSNv2", size=32, labels=[6], channels=3, rescaled=False),
    "ncsnv2-odd": dict(network="NCSNv2", size=(11, 9), labels=[0, 3, 1], channels=2, ngf=6, nonlinearity="swish"),
    "ncsnv2-deeper": dict(network="NCSNv2Deeper", size=16, labels=[4, 0], nonlinearity="lrelu"),
    "ncsnv2-deepest": dict(network="NCSNv2Deepest", size=16, labels=[4, 0]),
}


def main():
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    classes = networks(*sys.argv[1:])
    for name, case in CASES.items():
        record(name, classes, **case)

    counts = []
    for network, size, channels, ngf, levels in [
        ("NCSN", 28, 1, 64, 10),
        ("NCSN", 32, 3, 128, 10),
        ("NCSNv2", 32, 3, 128, 232),
        ("NCSNv2Deeper", 128, 3, 128, 2311),
        ("NCSNv2Deepest", 256, 3, 128, 2311),
    ]:
        settings = (channels, ngf, levels, False, "elu")
        model = classes[network](authors_config(size, *settings))
        count = sum(value.numel() for value in model.parameters())
        counts.append({"network": network, "count": count, "options": our_options(network, size, *settings)})
    lines = ",\n".join("  " + json.dumps(entry, separators=(",", ":")) for entry in counts)
    (HERE / "parameter-counts.json").write_text("[\n" + lines + "\n]\n")
    print("torch", torch.__version__)


if __name__ == "__main__":
    main()
