"""Records outputs and gradients of diffusers' UNet2DModel for small configurations, in float64.

    python record.py    (torch and diffusers; README.md says which versions)

Weights, inputs and weightings are a hash of (stream, element), so that no tensor is stored; the same
few lines stand in packages/testing/src/unet2d-golden.ts.
"""

import json
import math
import pathlib

import diffusers
import numpy as np
import torch
from diffusers import UNet2DModel
from diffusers.models.embeddings import get_timestep_embedding

HERE = pathlib.Path(__file__).parent

# Streams of the hash. Parameter i of the state dict is stream i.
INPUT, WEIGHTING, PROJECTION = 100_000, 100_001, 200_000
PROJECTIONS = 3


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
    if len(shape) > 1:
        u = u * math.sqrt(3.0 / math.prod(shape[1:]))
    elif name.endswith("bias"):
        u = 0.1 * u
    elif "norm" in name:
        u = 1.0 + 0.25 * u
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


def camel(name):
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def our_options(config):
    options = {camel(key): value for key, value in config.items()}
    if isinstance(options["sampleSize"], tuple):
        options["sampleSize"], options["sampleWidth"] = options["sampleSize"]
    return options


def upsample_to_skips(model):
    """Upsamples to the size of the skip connection, as UNet2DConditionModel does and UNet2DModel does
    not, so that levels of odd sizes work. Uses Upsample2D's own `output_size`."""
    sizes = []

    def note(_block, _inputs, _kwargs, outputs):
        sizes.append(tuple(outputs[1][0].shape[-2:]))

    for block in model.down_blocks:
        block.register_forward_hook(note, with_kwargs=True)
    count = len(model.up_blocks)
    for level, block in enumerate(model.up_blocks):
        for upsampler in block.upsamplers or []:
            module = getattr(upsampler, "upsample", None) or upsampler

            def to_size(_module, inputs, level=level):
                return (inputs[0], sizes[count - 2 - level])

            module.register_forward_pre_hook(to_size)


def record(name, config, time, labels=None):
    model = UNet2DModel(**config).double().eval()
    upsample_to_skips(model)
    if config.get("class_embed_type") == "timestep":
        # The model casts the embedding of the time to its own type, but not that of the class.
        model.class_embedding.register_forward_pre_hook(lambda _module, inputs: (inputs[0].double(),))
    state = model.state_dict()
    index_of = {key: index for index, key in enumerate(state)}
    with torch.no_grad():
        for index, (key, value) in enumerate(state.items()):
            value.copy_(torch.from_numpy(weight(index, key, tuple(value.shape))))

    size = config["sample_size"]
    height, width = size if isinstance(size, tuple) else (size, size)
    batch = len(time)
    shape = (batch, height, width, config["in_channels"])
    x = torch.from_numpy(hashed(INPUT, math.prod(shape)).reshape(shape)).requires_grad_()
    output = model(
        x.permute(0, 3, 1, 2),
        torch.tensor(time, dtype=torch.float64),
        class_labels=None if labels is None else torch.tensor(labels),
    ).sample.permute(0, 2, 3, 1)
    weighting = torch.from_numpy(hashed(WEIGHTING, output.numel()).reshape(output.shape))
    (output * weighting).sum().backward()

    gradients = {
        key: summary(parameter.grad, index_of[key])
        for key, parameter in model.named_parameters()
        if parameter.requires_grad
    }
    case = {
        "options": our_options(config),
        "time": time,
        "label": labels,
        "parameters": [[key, list(value.shape)] for key, value in state.items()],
        "output": rounded(output.detach().numpy().reshape(-1).tolist()),
        "inputGradient": summary(x.grad, len(index_of)),
        "gradients": gradients,
    }
    lines = ",\n".join(f'  "{key}": {json.dumps(value, separators=(",", ":"))}' for key, value in case.items())
    (HERE / f"{name}.json").write_text("{\n" + lines + "\n}\n")
    print(name, tuple(output.shape), "parameters", sum(v.numel() for v in state.values()))


DOWN, ATTN_DOWN, RESNET_DOWN = "DownBlock2D", "AttnDownBlock2D", "ResnetDownsampleBlock2D"
UP, ATTN_UP, RESNET_UP = "UpBlock2D", "AttnUpBlock2D", "ResnetUpsampleBlock2D"

SMALL = dict(
    sample_size=8,
    in_channels=3,
    out_channels=3,
    block_out_channels=[8, 16],
    down_block_types=[DOWN, ATTN_DOWN],
    up_block_types=[ATTN_UP, UP],
    layers_per_block=1,
    norm_num_groups=4,
    attention_head_dim=None,
)

CIFAR10 = dict(
    sample_size=32,
    in_channels=3,
    out_channels=3,
    center_input_sample=False,
    time_embedding_type="positional",
    freq_shift=1,
    flip_sin_to_cos=False,
    down_block_types=[DOWN, ATTN_DOWN, DOWN, DOWN],
    up_block_types=[UP, UP, ATTN_UP, UP],
    block_out_channels=[128, 256, 256, 256],
    layers_per_block=2,
    mid_block_scale_factor=1,
    downsample_padding=0,
    act_fn="silu",
    attention_head_dim=None,
    norm_num_groups=32,
    norm_eps=1e-6,
)

CASES = {
    # 28x28 digits, attention with one head at 14x14.
    "digits": (SMALL | dict(sample_size=28, in_channels=1, out_channels=1), [11.0]),
    # DDPM for CIFAR-10 with few channels: four levels, two layers, padding on one side.
    "ddpm": (
        CIFAR10 | dict(sample_size=16, block_out_channels=[8, 12, 12, 16], norm_num_groups=4),
        [3.0, 37.0],
    ),
    # Scale and shift from the embedding, several heads; no norm before the middle attention.
    "scale-shift": (
        SMALL | dict(resnet_time_scale_shift="scale_shift", attention_head_dim=4, layers_per_block=2),
        [5.0, 0.0],
    ),
    # Fourier features of the logarithm, output divided by the time, rescaled middle, centred input.
    "fourier": (
        SMALL
        | dict(
            in_channels=2,
            time_embedding_type="fourier",
            center_input_sample=True,
            mid_block_scale_factor=math.sqrt(2),
        ),
        [0.7, 2.5],
    ),
    # An embedding for each class; heads that do not fill the channels; a wider time embedding.
    "classes": (
        SMALL | dict(num_class_embeds=5, attention_head_dim=6, time_embedding_dim=20),
        [2.0, 9.5],
        [4, 1],
    ),
    # The class embedded like a time.
    "class-timestep": (SMALL | dict(class_embed_type="timestep", add_attention=False), [2.0, 9.5], [4, 1]),
    # 14, 7 and 4 pixels: the upsampled 8 is cut to 7.
    "odd": (
        SMALL
        | dict(
            sample_size=14,
            block_out_channels=[8, 8, 12],
            down_block_types=[DOWN, DOWN, ATTN_DOWN],
            up_block_types=[ATTN_UP, UP, UP],
        ),
        [21.0],
    ),
    # 13x10, 6x5 and 3x2 pixels, padded on one side: 6 becomes 13, 5 becomes 10, 2 becomes 5.
    "odd-one-sided": (
        SMALL
        | dict(
            sample_size=(13, 10),
            block_out_channels=[8, 8, 12],
            down_block_types=[DOWN, DOWN, ATTN_DOWN],
            up_block_types=[ATTN_UP, UP, UP],
            downsample_padding=0,
        ),
        [21.0],
    ),
    # Resampling inside residual blocks, in attention blocks and in blocks of their own.
    "resnet-resampling": (
        SMALL
        | dict(
            sample_size=13,
            block_out_channels=[8, 8, 12],
            down_block_types=[ATTN_DOWN, RESNET_DOWN, DOWN],
            up_block_types=[UP, RESNET_UP, ATTN_UP],
            downsample_type="resnet",
            upsample_type="resnet",
            resnet_time_scale_shift="scale_shift",
            attn_norm_num_groups=2,
        ),
        [8.0],
    ),
    # Another activation than SiLU in the residual blocks; an epsilon that is not small.
    "gelu": (SMALL | dict(act_fn="gelu", norm_eps=1e-2), [6.0]),
}


def main():
    torch.set_num_threads(1)
    for name, (config, time, *labels) in CASES.items():
        record(name, config, time, *labels)

    with torch.device("meta"):
        model = UNet2DModel(**CIFAR10)
    parameters = [[key, list(value.shape)] for key, value in model.state_dict().items()]
    count = sum(value.numel() for value in model.state_dict().values())
    lines = ",\n".join("    " + json.dumps(parameter) for parameter in parameters)
    (HERE / "ddpm-cifar10.json").write_text(
        f'{{\n  "options": {json.dumps(our_options(CIFAR10))},\n  "count": {count},\n  "parameters": [\n{lines}\n  ]\n}}\n'
    )

    time = [0.0, 1.0, 17.5, 250.0, 999.0]
    embeddings = []
    for size, flip, shift in [(8, False, 1), (8, True, 0), (9, True, 0.5), (64, False, 0)]:
        values = get_timestep_embedding(torch.tensor(time), size, flip, shift)
        embeddings.append(
            {"size": size, "flipSinToCos": flip, "freqShift": shift, "values": rounded(values.reshape(-1).tolist())}
        )
    lines = ",\n".join("    " + json.dumps(embedding, separators=(",", ":")) for embedding in embeddings)
    (HERE / "timestep-embedding.json").write_text(f'{{\n  "time": {time},\n  "embeddings": [\n{lines}\n  ]\n}}\n')
    print("torch", torch.__version__, "diffusers", diffusers.__version__, "CIFAR-10", count)


if __name__ == "__main__":
    main()
