import { type ResizeAttributes, resizeMaps } from '@tweedie/autodiff';
import { cast } from '../ir/arithmetic.js';
import { dataOf } from '../ir/constant.js';
import type { Graph, Value } from '../ir/graph.js';
import { gather } from '../ir/shape.js';
import { type SymbolicTensor, symbolic, valueIn } from '../tensors/symbolic-tensor.js';
import { type KernelCall, type Lowering, lowering } from './lowering.js';
import { type AxisMap, resampled } from './resample.js';
import { upsampled } from './upsampling.js';
import { isEmpty, zerosOf } from './windows.js';

type Method = 'bilinear' | 'nearest';

const mapsOf = (method: Method, { shape }: SymbolicTensor, attributes: ResizeAttributes) =>
  resizeMaps(method, [shape[1]!, shape[2]!], attributes);

const transposed = ({ outputs, inputs, weights }: AxisMap): AxisMap => ({
  outputs: inputs,
  inputs: outputs,
  weights: weights.map((_, i) => weights[(i % outputs) * inputs + Math.floor(i / outputs)]!),
});

/** Where each output of a map of zeros and ones looks. */
function placesOf({ outputs, inputs, weights }: AxisMap, graph: Graph): Value {
  const places = Array.from({ length: outputs }, (_, i) =>
    weights.subarray(i * inputs, (i + 1) * inputs).indexOf(1),
  );
  return graph.constant('int32', dataOf('int32', places), [outputs]);
}

function nearest({ graph, inputs, attributes }: KernelCall<ResizeAttributes>): SymbolicTensor {
  const x = inputs.images!;
  const [items, height, width, channels] = x.shape as [number, number, number, number];
  const [tall, wide] = attributes.size;
  const shape = [items, tall, wide, channels];
  if (isEmpty(shape)) return zerosOf(x, shape);
  const factors = [tall / height, wide / width] as const;
  // Each pixel as often as the next.
  const isPlain = !attributes.alignCorners && factors.every(Number.isInteger);
  if (isPlain && x.type === 'float32') return upsampled(x, factors);
  const { vertical, horizontal } = mapsOf('nearest', x, attributes);
  const layout = x.layout === 'NHWC' ? 'NHWC' : 'NCHW';
  const axis = layout === 'NHWC' ? 1 : 2;
  const lines = gather(valueIn(x, layout), placesOf(vertical, graph), axis);
  return symbolic(gather(lines, placesOf(horizontal, graph), axis + 1), shape, layout);
}

function bilinear({ inputs, attributes }: KernelCall<ResizeAttributes>): SymbolicTensor {
  const x = inputs.images!;
  const shape = [x.shape[0]!, ...attributes.size, x.shape[3]!];
  if (isEmpty(shape)) return zerosOf(x, shape, 'float32');
  const { vertical, horizontal } = mapsOf('bilinear', x, attributes);
  const real = x.type === 'float32' ? x : symbolic(cast(valueIn(x, 'NHWC'), 'float32'));
  return resampled(real, vertical, horizontal);
}

/** tfjs's own gradients, as the exact adjoints. */
const adjoint = (kernelName: string, method: Method): Lowering =>
  lowering<Omit<ResizeAttributes, 'size'>>(kernelName, ({ inputs, attributes }) => {
    const [dy, images] = [inputs.dy!, inputs.images!];
    if (isEmpty(dy.shape)) return zerosOf(dy, images.shape);
    const size = [dy.shape[1]!, dy.shape[2]!] as const;
    const { vertical, horizontal } = mapsOf(method, images, { ...attributes, size });
    return resampled(dy, transposed(vertical), transposed(horizontal));
  });

export const resizingLowerings: readonly Lowering[] = [
  lowering('ResizeBilinear', bilinear),
  lowering('ResizeNearestNeighbor', nearest),
  adjoint('ResizeBilinearGrad', 'bilinear'),
  adjoint('ResizeNearestNeighborGrad', 'nearest'),
];
