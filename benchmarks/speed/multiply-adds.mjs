/**
 * Multiply-adds of one step of a workload in its matrix products and convolutions; what is done
 * element by element is not counted. A training step has three products for each of the forward
 * pass, which are the output, the gradient of the input and that of the weights; a layer that sees
 * nothing but data has no gradient of its input.
 *
 * @param workload {kind, batchSize, network: {name, options}} with all options
 * @param parameters each {shape}, by name; weights are [out, in] or [out, in, height, width]
 */
export function multiplyAdds({ kind, batchSize, network: { name, options } }, parameters) {
  const weights = Object.entries(parameters).filter(
    ([parameter, { shape }]) => parameter.endsWith('weight') && shape.length > 1,
  );
  const timesUsed = { mlp: () => 1, unet2d: (parameter) => pixels(options, parameter) }[name];
  const seesData = new Set(['layers.0.weight', 'conv_in.weight', 'time_embedding.linear_1.weight']);
  let sum = 0;
  for (const [parameter, { shape }] of weights) {
    const forward = shape.reduce((a, b) => a * b, 1) * timesUsed(parameter);
    const passes = kind === 'sample' ? 1 : seesData.has(parameter) ? 2 : 3;
    sum += passes * forward;
    // Attention itself, once for each block: scores of all pairs of pixels, and their mixture.
    if (parameter.endsWith('to_q.weight')) {
      const pairs = pixels(options, parameter) ** 2;
      sum += (kind === 'sample' ? 1 : 3) * 2 * pairs * shape[0];
    }
  }
  return batchSize * sum;
}

/** How many pixels of an image a layer of the U-Net makes, by the name of its weight. */
function pixels({ sampleSize, blockOutChannels, downsamplePadding }, parameter) {
  const levels = blockOutChannels.length;
  const round = downsamplePadding === 0 ? Math.floor : Math.ceil;
  const area = (level) => {
    let size = sampleSize;
    for (let i = 0; i < level; i++) size = round(size / 2);
    return size ** 2;
  };
  if (/time_emb/.test(parameter)) return 1;
  const [, way, block] = /^(down|up)_blocks\.(\d+)\./.exec(parameter) ?? [];
  const at = Number(block);
  if (way === 'down') return area(parameter.includes('downsamplers') ? at + 1 : at);
  if (way === 'up') return area(levels - 1 - at - (parameter.includes('upsamplers') ? 1 : 0));
  return area(parameter.startsWith('mid_block') ? levels - 1 : 0);
}
