import { sizeOf } from '@tweedie/core';
import { int, type Value } from '../ir/graph.js';
import { reshape, transpose } from '../ir/shape.js';

/**
 * Images in NCHWc, [N, C/b, H, W, b] with blocks of b channels: the layout of ONNX Runtime's fast
 * convolutions (com.microsoft.nchwc). Its operators declare such an image as [N, C, H, W]; everywhere else in
 * this package it has its real five axes.
 */

type Four = [number, number, number, number];
type Five = [number, number, number, number, number];

/** What the runtime's own operators take for an image in NCHWc. */
export function declared(nchwc: Value): Value {
  const [items, groups, height, width, size] = nchwc.shape as Five;
  return reshape(nchwc, [items, groups * size, height, width]);
}

/** The real axes of what they give. */
export function undeclared(image: Value): Value {
  const { blockSize } = image.graph;
  const [items, channels, height, width] = image.shape as Four;
  return reshape(image, [items, channels / blockSize, height, width, blockSize]);
}

/** From [N, H, W, C]; where the channels repeat (C = 1), so do the blocks. */
export function nhwcToNchwc(x: Value): Value {
  const { blockSize } = x.graph;
  const [items, height, width, channels] = x.shape as Four;
  if (channels === 1) return reshape(x, [items, 1, height, width, 1]);
  const groups = channels / blockSize;
  if (height * width === 1 || x.type !== 'float32') {
    return transpose(reshape(x, [items, height, width, groups, blockSize]), [0, 3, 1, 2, 4]);
  }
  return undeclared(reorderInput(x, [items, channels, height, width], true));
}

/** From [N, C, H, W]. */
export function nchwToNchwc(x: Value): Value {
  const { blockSize } = x.graph;
  const [items, channels, height, width] = x.shape as Four;
  if (channels === 1) return reshape(x, [items, 1, height, width, 1]);
  if (height * width === 1 || x.type !== 'float32') {
    const split = reshape(x, [items, channels / blockSize, blockSize, height, width]);
    return transpose(split, [0, 1, 3, 4, 2]);
  }
  return undeclared(reorderInput(x, [items, channels, height, width], false));
}

/** To [N, H, W, C]. */
export function nchwcToNhwc(x: Value): Value {
  const [items, groups, height, width, size] = x.shape as Five;
  const shape = [items, height, width, groups * size];
  if (height * width === 1 || x.type !== 'float32' || groups * size === 1) {
    return reshape(transpose(x, [0, 2, 3, 1, 4]), shape);
  }
  return reorderOutput(x, shape, true);
}

/** To [N, C, H, W]. */
export function nchwcToNchw(x: Value): Value {
  const [items, groups, height, width, size] = x.shape as Five;
  const shape = [items, groups * size, height, width];
  if (height * width === 1 || x.type !== 'float32' || groups * size === 1) {
    return reshape(transpose(x, [0, 1, 4, 2, 3]), shape);
  }
  return reorderOutput(x, shape, false);
}

/**
 * [N, C, H, W] (or [N, H, W, C]) with the channels in blocks, as the runtime declares it. It moves
 * single elements with all threads, where a transpose would take one.
 */
export function reorderInput(x: Value, shape: readonly number[], channelsLast: boolean): Value {
  const attributes = channelsLast ? { channels_last: int(1) } : {};
  const outputs = [{ type: x.type, shape }];
  return x.graph.emit('ReorderInput', [x], outputs, attributes, 'com.microsoft.nchwc')[0]!;
}

function reorderOutput(x: Value, shape: readonly number[], channelsLast: boolean): Value {
  const attributes = {
    channels: int(sizeOf(shape) / sizeOf([x.shape[0]!, x.shape[2]!, x.shape[3]!])),
    ...(channelsLast ? { channels_last: int(1) } : {}),
  };
  const outputs = [{ type: x.type, shape }];
  const inputs = [declared(x)];
  return x.graph.emit('ReorderOutput', inputs, outputs, attributes, 'com.microsoft.nchwc')[0]!;
}
