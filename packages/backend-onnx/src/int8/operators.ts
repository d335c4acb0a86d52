import { type Attributes, int, type Value } from '../ir/graph.js';
import type { QuantizedFilter } from './filters.js';
import type { ByteScale } from './ranges.js';

/** Operators of the ONNX standard between numbers and bytes. */

const numbers = (like: Value, data: Float32Array, shape: readonly number[]) =>
  like.graph.constant('float32', data, shape);
const bytes = (like: Value, data: Uint8Array, shape: readonly number[]) =>
  like.graph.constant('uint8', data, shape);

/** The nearest byte, ties to even, clipped to the range. */
export function toBytes(x: Value, { scale, zero }: ByteScale): Value {
  const inputs = [x, numbers(x, Float32Array.of(scale), []), bytes(x, Uint8Array.of(zero), [])];
  return x.graph.emit('QuantizeLinear', inputs, [{ type: 'uint8', shape: x.shape }])[0]!;
}

/** Planes [N, C, H, W] of bytes as numbers, each channel by its own scale. */
export function fromBytes(x: Value, channels: readonly ByteScale[]): Value {
  const count = [channels.length];
  const scales = Float32Array.from(channels, ({ scale }) => scale);
  const zeros = Uint8Array.from(channels, ({ zero }) => zero);
  const inputs = [x, numbers(x, scales, count), bytes(x, zeros, count)];
  const outputs = [{ type: 'float32', shape: x.shape } as const];
  return x.graph.emit('DequantizeLinear', inputs, outputs, { axis: int(1) })[0]!;
}

interface ByteConvolution {
  /** Bytes [N, C, H, W]. */
  readonly x: Value;
  readonly input: ByteScale;
  readonly filter: QuantizedFilter;
  /** [K, C, R, S] */
  readonly filterShape: readonly number[];
  readonly bias: Float32Array | null;
  /** One for each output channel. */
  readonly channels: readonly ByteScale[];
  /** [N, K, H', W'] */
  readonly shape: readonly number[];
  /** strides, pads, dilations and kernel_shape, as of Conv */
  readonly geometry: Attributes;
}

/**
 * Convolution of bytes, summed in 32 bits. The operator rounds all its output by one scale; since
 * it scales the sum of each channel anyway, by the filter's, each channel is told its own scale in
 * that of its filter, and its zero in the bias.
 */
export function convolveBytes(convolution: ByteConvolution): Value {
  const { x, input, filter, filterShape, bias, channels, shape, geometry } = convolution;
  const outputs = channels.length;
  const scales = Float32Array.from(channels, ({ scale }, k) => filter.scales[k]! / scale);
  const offsets = Int32Array.from(channels, ({ scale, zero }, k) =>
    Math.round(((bias?.[k] ?? 0) + zero * scale) / (input.scale * filter.scales[k]!)),
  );
  const inputs = [
    x,
    numbers(x, Float32Array.of(input.scale), []),
    bytes(x, Uint8Array.of(input.zero), []),
    x.graph.constant('int8', filter.data, filterShape),
    numbers(x, scales, [outputs]),
    x.graph.constant('int8', new Int8Array(outputs), [outputs]),
    numbers(x, Float32Array.of(1), []),
    bytes(x, Uint8Array.of(0), []),
    x.graph.constant('int32', offsets, [outputs]),
  ];
  return x.graph.emit('QLinearConv', inputs, [{ type: 'uint8', shape }], geometry)[0]!;
}
