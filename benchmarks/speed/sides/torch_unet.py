"""The U-Net of @tweedie/networks `unet2d` in PyTorch: the blocks and the parameter names of
diffusers' UNet2DModel, written in full so that the benchmark needs PyTorch alone."""

import math

import torch
from torch import nn
from torch.nn import functional as F


def conv3(inputs, outputs, stride=1, padding=1):
    return nn.Conv2d(inputs, outputs, 3, stride=stride, padding=padding)


class ResnetBlock(nn.Module):
    def __init__(self, inputs, outputs, embedding, groups, eps):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, inputs, eps=eps)
        self.conv1 = conv3(inputs, outputs)
        self.time_emb_proj = nn.Linear(embedding, outputs)
        self.norm2 = nn.GroupNorm(groups, outputs, eps=eps)
        self.conv2 = conv3(outputs, outputs)
        self.conv_shortcut = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x, embedding):
        h = self.conv1(F.silu(self.norm1(x)))
        h = h + self.time_emb_proj(F.silu(embedding))[:, :, None, None]
        h = self.conv2(F.silu(self.norm2(h)))
        return self.conv_shortcut(x) + h


class Attention(nn.Module):
    def __init__(self, channels, heads, groups, eps):
        super().__init__()
        self.heads = heads
        self.group_norm = nn.GroupNorm(groups, channels, eps=eps)
        self.to_q = nn.Linear(channels, channels)
        self.to_k = nn.Linear(channels, channels)
        self.to_v = nn.Linear(channels, channels)
        self.to_out = nn.ModuleList([nn.Linear(channels, channels)])

    def forward(self, x):
        batch, channels, height, width = x.shape
        h = self.group_norm(x).reshape(batch, channels, height * width).transpose(1, 2)
        q, k, v = (
            project(h).reshape(batch, height * width, self.heads, -1).transpose(1, 2)
            for project in (self.to_q, self.to_k, self.to_v)
        )
        h = F.scaled_dot_product_attention(q, k, v)
        h = self.to_out[0](h.transpose(1, 2).reshape(batch, height * width, channels))
        return h.transpose(1, 2).reshape(x.shape) + x


class Resample(nn.Module):
    """Halves the picture by a convolution of stride 2, or doubles it by nearest neighbours and a
    convolution. Halving without padding pads below and to the right alone."""

    def __init__(self, channels, up, padding=1):
        super().__init__()
        self.up = up
        self.padding = padding
        self.conv = conv3(channels, channels, stride=1 if up else 2, padding=padding)

    def forward(self, x):
        if self.up:
            x = F.interpolate(x, scale_factor=2, mode='nearest')
        elif self.padding == 0:
            x = F.pad(x, (0, 1, 0, 1))
        return self.conv(x)


class Level(nn.Module):
    def __init__(self, resnets, attentions, resample, padding=1):
        super().__init__()
        self.resnets = nn.ModuleList(resnets)
        self.attentions = nn.ModuleList(attentions)
        if resample == 'down':
            self.downsamplers = nn.ModuleList([Resample(resnets[-1].conv2.out_channels, False, padding)])
        if resample == 'up':
            self.upsamplers = nn.ModuleList([Resample(resnets[-1].conv2.out_channels, True)])

    def layer(self, i, x, embedding):
        x = self.resnets[i](x, embedding)
        return self.attentions[i](x) if len(self.attentions) > 0 else x


class TimeEmbedding(nn.Module):
    def __init__(self, width, embedding):
        super().__init__()
        self.linear_1 = nn.Linear(width, embedding)
        self.linear_2 = nn.Linear(embedding, embedding)

    def forward(self, x):
        return self.linear_2(F.silu(self.linear_1(x)))


class UNet2d(nn.Module):
    def __init__(self, options):
        super().__init__()
        widths = options['blockOutChannels']
        layers = options['layersPerBlock']
        groups = options['normNumGroups']
        eps = options['normEps']
        head = options['attentionHeadDim']
        self.width = widths[0]
        self.flip_sin_to_cos = options['flipSinToCos']
        self.freq_shift = options['freqShift']
        embedding = 4 * widths[0]

        def resnet(inputs, outputs):
            return ResnetBlock(inputs, outputs, embedding, groups, eps)

        def attention(channels):
            heads = 1 if head is None else channels // head
            return Attention(channels, heads, groups, eps)

        self.time_embedding = TimeEmbedding(widths[0], embedding)
        self.conv_in = conv3(options['inChannels'], widths[0])
        skips = [widths[0]]
        self.down_blocks = nn.ModuleList()
        previous = widths[0]
        for i, (width, kind) in enumerate(zip(widths, options['downBlockTypes'])):
            last = i == len(widths) - 1
            self.down_blocks.append(Level(
                [resnet(previous if j == 0 else width, width) for j in range(layers)],
                [attention(width) for _ in range(layers)] if kind.startswith('Attn') else [],
                None if last else 'down',
                options['downsamplePadding'],
            ))
            skips += [width] * (layers + (0 if last else 1))
            previous = width
        self.mid_block = Level([resnet(previous, previous) for _ in range(2)],
                               [attention(previous)], None)
        self.up_blocks = nn.ModuleList()
        for i, (width, kind) in enumerate(zip(reversed(widths), options['upBlockTypes'])):
            resnets = []
            for _ in range(layers + 1):
                resnets.append(resnet(previous + skips.pop(), width))
                previous = width
            self.up_blocks.append(Level(
                resnets,
                [attention(width) for _ in range(layers + 1)] if kind.startswith('Attn') else [],
                None if i == len(widths) - 1 else 'up',
            ))
        self.conv_norm_out = nn.GroupNorm(groups, widths[0], eps=eps)
        self.conv_out = conv3(widths[0], options['outChannels'])
        half = widths[0] // 2
        exponent = -math.log(10000) * torch.arange(half, dtype=torch.float32)
        self.register_buffer('frequencies', torch.exp(exponent / (half - self.freq_shift)),
                             persistent=False)

    def forward(self, x, time):
        angle = time[:, None] * self.frequencies
        parts = [torch.sin(angle), torch.cos(angle)]
        embedding = self.time_embedding(
            torch.cat(parts[::-1] if self.flip_sin_to_cos else parts, dim=1))
        h = self.conv_in(x)
        skips = [h]
        for level in self.down_blocks:
            for i in range(len(level.resnets)):
                h = level.layer(i, h, embedding)
                skips.append(h)
            if hasattr(level, 'downsamplers'):
                h = level.downsamplers[0](h)
                skips.append(h)
        h = self.mid_block.layer(0, h, embedding)
        h = self.mid_block.resnets[1](h, embedding)
        for level in self.up_blocks:
            for i in range(len(level.resnets)):
                h = level.layer(i, torch.cat([h, skips.pop()], dim=1), embedding)
            if hasattr(level, 'upsamplers'):
                h = level.upsamplers[0](h)
        return self.conv_out(F.silu(self.conv_norm_out(h)))
