import { type Attributes, int, type Value } from '../ir/graph.js';
import type { QuantizedFilter } from './filters.js';
import type { QuantizationScale } from './ranges.js';

/** Operators of the ONNX standard between float32 and int8. */

const floats = (like: Value, data: Float32Array, shape: readonly number[]) =>
  like.graph.constant('float32', data, shape);
const uint8s = (like: Value, data: Uint8Array, shape: readonly number[]) =>
  like.graph.constant('uint8', data, shape);

/** The nearest number of uint8, ties to even, clipped to its range. */
export function quantizeLinear(x: Value, { scale, zeroPoint }: QuantizationScale): Value {
  const inputs = [
    x,
    floats(x, Float32Array.of(scale), []),
    uint8s(x, Uint8Array.of(zeroPoint), []),
  ];
  return x.graph.emit('QuantizeLinear', inputs, [{ type: 'uint8', shape: x.shape }])[0]!;
}

/** uint8 [N, C, H, W] as float32, each channel by its own scale. */
export function dequantizeLinear(x: Value, channels: readonly QuantizationScale[]): Value {
  const count = [channels.length];
  const scales = Float32Array.from(channels, ({ scale }) => scale);
  const zeros = Uint8Array.from(channels, ({ zeroPoint }) => zeroPoint);
  const inputs = [x, floats(x, scales, count), uint8s(x, zeros, count)];
  const outputs = [{ type: 'float32', shape: x.shape } as const];
  return x.graph.emit('DequantizeLinear', inputs, outputs, { axis: int(1) })[0]!;
}

interface QLinearConvolution {
  /** uint8 [N, C, H, W] */
  readonly x: Value;
  readonly input: QuantizationScale;
  readonly filter: QuantizedFilter;
  /** [K, C, R, S] */
  readonly filterShape: readonly number[];
  readonly bias: Float32Array | null;
  /** One for each output channel. */
  readonly channels: readonly QuantizationScale[];
  /** [N, K, H', W'] */
  readonly shape: readonly number[];
  /** strides, pads, dilations and kernel_shape, as of Conv */
  readonly geometry: Attributes;
}

/**
 * Convolution in int8, summed in 32 bits. The operator rounds all its output by one scale; since it
 * multiplies the sum of each channel by the scale of the channel's filter anyway, each channel gets
 * its own scale as part of that, and its zero point as part of the bias.
 */
export function qLinearConv(convolution: QLinearConvolution): Value {
  const { x, input, filter, filterShape, bias, channels, shape, geometry } = convolution;
  const outputs = channels.length;
  const scales = Float32Array.from(channels, ({ scale }, k) => filter.scales[k]! / scale);
  const offsets = Int32Array.from(channels, ({ scale, zeroPoint }, k) =>
    Math.round(((bias?.[k] ?? 0) + zeroPoint * scale) / (input.scale * filter.scales[k]!)),
  );
  const inputs = [
    x,
    floats(x, Float32Array.of(input.scale), []),
    uint8s(x, Uint8Array.of(input.zeroPoint), []),
    x.graph.constant('int8', filter.data, filterShape),
    floats(x, scales, [outputs]),
    x.graph.constant('int8', new Int8Array(outputs), [outputs]),
    floats(x, Float32Array.of(1), []),
    uint8s(x, Uint8Array.of(0), []),
    x.graph.constant('int32', offsets, [outputs]),
  ];
  return x.graph.emit('QLinearConv', inputs, [{ type: 'uint8', shape }], geometry)[0]!;
}
