"""The networks of the benchmark in JAX, as a user of it writes them: functions of a dictionary of
parameters with PyTorch's names, on images [N, H, W, C] with filters [H, W, in, out]."""

import math

import jax
import jax.numpy as jnp
from jax import lax


def jax_layout(name, value):
    """PyTorch's layouts, which the workload has, to those of JAX."""
    if not name.endswith('weight'):
        return value
    if value.ndim == 4:
        return value.transpose(2, 3, 1, 0)
    return value.T if value.ndim == 2 else value


def mlp(options):
    activation = {'silu': jax.nn.silu, 'softplus': jax.nn.softplus}[options['activation']]

    def apply(params, x, time):
        h = x
        if options['timeEmbedding'] == 'raw':
            h = jnp.concatenate([x, options['timeScale'] * time[:, None]], axis=1)
        for i in range(len(options['widths']) + 1):
            h = h if i == 0 else activation(h)
            h = h @ params[f'layers.{i}.weight'] + params[f'layers.{i}.bias']
        return h

    return apply


def unet2d(options):
    """The U-Net of DDPM with the parameter names of diffusers' UNet2DModel."""
    widths = options['blockOutChannels']
    layers = options['layersPerBlock']
    groups = options['normNumGroups']
    half = widths[0] // 2
    exponent = -math.log(10000) * jnp.arange(half) / (half - options['freqShift'])
    frequencies = jnp.exp(exponent)
    # Halving without padding pads below and to the right alone.
    halving = ((0, 1), (0, 1)) if options['downsamplePadding'] == 0 else ((1, 1), (1, 1))

    def apply(params, x, time):
        def linear(name, h):
            return h @ params[f'{name}.weight'] + params[f'{name}.bias']

        def conv(name, h, stride=1, padding=None):
            kernel = params[f'{name}.weight']
            around = kernel.shape[0] // 2
            y = lax.conv_general_dilated(
                h, kernel, (stride, stride), padding or ((around, around),) * 2,
                dimension_numbers=('NHWC', 'HWIO', 'NHWC'))
            return y + params[f'{name}.bias']

        def norm(name, h):
            grouped = h.reshape(h.shape[0], -1, groups, h.shape[3] // groups)
            mean = grouped.mean((1, 3), keepdims=True)
            variance = jnp.square(grouped - mean).mean((1, 3), keepdims=True)
            normal = (grouped - mean) * lax.rsqrt(variance + options['normEps'])
            return normal.reshape(h.shape) * params[f'{name}.weight'] + params[f'{name}.bias']

        def resnet(name, h, embedding):
            y = conv(f'{name}.conv1', jax.nn.silu(norm(f'{name}.norm1', h)))
            y = y + linear(f'{name}.time_emb_proj', embedding)[:, None, None, :]
            y = conv(f'{name}.conv2', jax.nn.silu(norm(f'{name}.norm2', y)))
            shortcut = f'{name}.conv_shortcut'
            return (conv(shortcut, h) if f'{shortcut}.weight' in params else h) + y

        def attention(name, h):
            batch, height, width, channels = h.shape
            rows = norm(f'{name}.group_norm', h).reshape(batch, height * width, channels)
            q, k, v = (linear(f'{name}.{part}', rows) for part in ('to_q', 'to_k', 'to_v'))
            scores = jnp.einsum('btc,bsc->bts', q, k) / math.sqrt(channels)
            mixed = jnp.einsum('bts,bsc->btc', jax.nn.softmax(scores), v)
            return linear(f'{name}.to_out.0', mixed).reshape(h.shape) + h

        def double(h):
            return jnp.repeat(jnp.repeat(h, 2, axis=1), 2, axis=2)

        angle = time[:, None] * frequencies
        waves = [jnp.sin(angle), jnp.cos(angle)]
        features = jnp.concatenate(waves[::-1] if options['flipSinToCos'] else waves, axis=1)
        embedding = jax.nn.silu(linear('time_embedding.linear_2', jax.nn.silu(
            linear('time_embedding.linear_1', features))))

        h = conv('conv_in', x)
        skips = [h]
        for i, kind in enumerate(options['downBlockTypes']):
            block = f'down_blocks.{i}'
            for j in range(layers):
                h = resnet(f'{block}.resnets.{j}', h, embedding)
                if kind.startswith('Attn'):
                    h = attention(f'{block}.attentions.{j}', h)
                skips.append(h)
            if i < len(widths) - 1:
                h = conv(f'{block}.downsamplers.0.conv', h, 2, halving)
                skips.append(h)
        h = resnet('mid_block.resnets.0', h, embedding)
        h = attention('mid_block.attentions.0', h)
        h = resnet('mid_block.resnets.1', h, embedding)
        for i, kind in enumerate(options['upBlockTypes']):
            block = f'up_blocks.{i}'
            for j in range(layers + 1):
                h = jnp.concatenate([h, skips.pop()], axis=3)
                h = resnet(f'{block}.resnets.{j}', h, embedding)
                if kind.startswith('Attn'):
                    h = attention(f'{block}.attentions.{j}', h)
            if i < len(widths) - 1:
                h = conv(f'{block}.upsamplers.0.conv', double(h))
        return conv('conv_out', jax.nn.silu(norm('conv_norm_out', h)))

    return apply
