// The networks of the benchmark in plain tfjs, as a user of it writes them: NHWC images,
// convolution filters [height, width, in, out], and its own gradients.
import * as tf from '@tensorflow/tfjs-core';

const silu = (x) => tf.mul(x, tf.sigmoid(x));

/** PyTorch's layouts, which the workload has, to those of tfjs. */
export function tfjsLayout(name, tensor) {
  if (!name.endsWith('weight')) return tensor;
  if (tensor.rank === 4) return tf.transpose(tensor, [2, 3, 1, 0]);
  return tensor.rank === 2 ? tf.transpose(tensor) : tensor;
}

export function mlp({ widths, activation, timeEmbedding, timeScale }) {
  const activate = { silu, softplus: tf.softplus }[activation];
  const input = (x, time) =>
    timeEmbedding === 'raw' ? tf.concat([x, tf.reshape(tf.mul(time, timeScale), [-1, 1])], 1) : x;
  return (params, x, time) => {
    let h = input(x, time);
    for (let i = 0; i <= widths.length; i++) {
      if (i > 0) h = activate(h);
      h = tf.add(tf.matMul(h, params[`layers.${i}.weight`]), params[`layers.${i}.bias`]);
    }
    return h;
  };
}

/** The U-Net of DDPM with the parameter names of diffusers' UNet2DModel. */
export function unet2d(options) {
  const { blockOutChannels: widths, layersPerBlock: layers, normNumGroups: groups } = options;
  const half = widths[0] / 2;
  const frequencies = Float32Array.from({ length: half }, (_, i) =>
    Math.exp((-Math.log(10000) * i) / (half - options.freqShift)),
  );

  return (params, x, time) => {
    const at = (name) => params[name];
    const linear = (name, h) => tf.add(tf.matMul(h, at(`${name}.weight`)), at(`${name}.bias`));
    const conv = (name, h, stride = 1) => {
      const filter = at(`${name}.weight`);
      const around = Math.floor(filter.shape[0] / 2);
      // Halving without padding pads below and to the right alone.
      const padding =
        stride === 2 && options.downsamplePadding === 0
          ? [
              [0, 0],
              [0, 1],
              [0, 1],
              [0, 0],
            ]
          : around;
      return tf.add(tf.conv2d(h, filter, stride, padding), at(`${name}.bias`));
    };
    const norm = (name, h) => {
      const [batch, height, width, channels] = h.shape;
      const grouped = tf.reshape(h, [batch, height * width, groups, channels / groups]);
      const { mean, variance } = tf.moments(grouped, [1, 3], true);
      const scale = tf.rsqrt(tf.add(variance, options.normEps));
      const normal = tf.reshape(tf.mul(tf.sub(grouped, mean), scale), h.shape);
      return tf.add(tf.mul(normal, at(`${name}.weight`)), at(`${name}.bias`));
    };
    const resnet = (name, h, embedding) => {
      const shift = linear(`${name}.time_emb_proj`, embedding);
      let y = conv(`${name}.conv1`, silu(norm(`${name}.norm1`, h)));
      y = tf.add(y, tf.reshape(shift, [shift.shape[0], 1, 1, shift.shape[1]]));
      y = conv(`${name}.conv2`, silu(norm(`${name}.norm2`, y)));
      const shortcut = `${name}.conv_shortcut`;
      return tf.add(at(`${shortcut}.weight`) === undefined ? h : conv(shortcut, h), y);
    };
    const attention = (name, h) => {
      const [batch, height, width, channels] = h.shape;
      const rows = tf.reshape(norm(`${name}.group_norm`, h), [-1, channels]);
      const [q, k, v] = ['to_q', 'to_k', 'to_v'].map((part) =>
        tf.reshape(linear(`${name}.${part}`, rows), [batch, height * width, channels]),
      );
      const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(channels));
      const mixed = tf.reshape(tf.matMul(tf.softmax(scores), v), [-1, channels]);
      return tf.add(tf.reshape(linear(`${name}.to_out.0`, mixed), h.shape), h);
    };
    // By tiling: the gradient of tfjs's own resizeNearestNeighbor is wrong on its cpu backend.
    const double = (h) => {
      const [batch, height, width, channels] = h.shape;
      const tiled = tf.tile(tf.reshape(h, [batch * height, 1, width, channels]), [1, 2, 1, 2]);
      return tf.reshape(tiled, [batch, 2 * height, 2 * width, channels]);
    };

    const angle = tf.mul(tf.reshape(time, [-1, 1]), tf.tensor2d(frequencies, [1, half]));
    const waves = [tf.sin(angle), tf.cos(angle)];
    const features = tf.concat(options.flipSinToCos ? waves.reverse() : waves, 1);
    const embedding = silu(
      linear('time_embedding.linear_2', silu(linear('time_embedding.linear_1', features))),
    );

    let h = conv('conv_in', x);
    const skips = [h];
    for (let i = 0; i < widths.length; i++) {
      const block = `down_blocks.${i}`;
      for (let j = 0; j < layers; j++) {
        h = resnet(`${block}.resnets.${j}`, h, embedding);
        if (options.downBlockTypes[i].startsWith('Attn'))
          h = attention(`${block}.attentions.${j}`, h);
        skips.push(h);
      }
      if (i === widths.length - 1) continue;
      h = conv(`${block}.downsamplers.0.conv`, h, 2);
      skips.push(h);
    }
    h = resnet('mid_block.resnets.0', h, embedding);
    h = attention('mid_block.attentions.0', h);
    h = resnet('mid_block.resnets.1', h, embedding);
    for (let i = 0; i < widths.length; i++) {
      const block = `up_blocks.${i}`;
      for (let j = 0; j <= layers; j++) {
        h = resnet(`${block}.resnets.${j}`, tf.concat([h, skips.pop()], 3), embedding);
        if (options.upBlockTypes[i].startsWith('Attn'))
          h = attention(`${block}.attentions.${j}`, h);
      }
      if (i < widths.length - 1) h = conv(`${block}.upsamplers.0.conv`, double(h));
    }
    return conv('conv_out', silu(norm('conv_norm_out', h)));
  };
}
