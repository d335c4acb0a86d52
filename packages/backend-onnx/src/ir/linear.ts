import { sizeOf } from '@tweedie/core';
import { broadcastShapes, mul } from './arithmetic.js';
import { float, int, type Value } from './graph.js';
import { reshape, transpose } from './shape.js';

export interface MatMulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** A factor on the product, which costs nothing. */
  readonly scale?: number;
}

/** Matrix product over the last two axes; the axes before them are batches and broadcast. */
export function matMul(a: Value, b: Value, options: MatMulOptions = {}): Value {
  const { transposeA = false, transposeB = false, scale = 1 } = options;
  const rank = Math.max(a.shape.length, b.shape.length);
  const rows = a.shape.at(transposeA ? -1 : -2)!;
  const columns = b.shape.at(transposeB ? -2 : -1)!;
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...batch, rows, columns];
  const { graph, type } = a;
  if (rank > 2 && sizeOf(batch) === 1) {
    const flat = (x: Value) => reshape(x, x.shape.slice(-2));
    return reshape(matMul(flat(a), flat(b), options), shape);
  }
  if (rank === 2 && type === 'float32') {
    return graph.emit('Gemm', [a, b], [{ type, shape }], {
      transA: int(Number(transposeA)),
      transB: int(Number(transposeB)),
      alpha: float(scale),
    })[0]!;
  }
  if (
    graph.operators === 'runtime' &&
    type === 'float32' &&
    (transposeA || transposeB || scale !== 1)
  ) {
    const attributes = {
      transA: int(Number(transposeA)),
      transB: int(Number(transposeB)),
      alpha: float(scale),
    };
    return graph.emit('FusedMatMul', [a, b], [{ type, shape }], attributes, 'com.microsoft')[0]!;
  }
  const left = transposeA ? swapLastTwo(a) : a;
  const right = transposeB ? swapLastTwo(b) : b;
  return mul(graph.emit('MatMul', [left, right], [{ type, shape }])[0]!, scale);
}

function swapLastTwo(x: Value): Value {
  const rank = x.shape.length;
  const permutation = x.shape.map((_, axis) => axis);
  permutation[rank - 1] = rank - 2;
  permutation[rank - 2] = rank - 1;
  return transpose(x, permutation);
}

/** Softmax over one axis. */
export function softmax(x: Value, axis: number): Value {
  return x.graph.emit('Softmax', [x], [{ type: x.type, shape: x.shape }], { axis: int(axis) })[0]!;
}
