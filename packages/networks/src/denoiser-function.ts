import {
  add,
  mul,
  reshape,
  type Scalar,
  scalar,
  type Tensor,
  type Tensor1D,
  tile,
} from '@tensorflow/tfjs-core';
import { type ParameterLayout, toTensor } from '@tweedie/autodiff';
import {
  type Coefficients,
  type ErrorCode,
  type IntArray,
  ints,
  type Level,
  type Model,
  TweedieError,
} from '@tweedie/core';

type CoefficientTensors = { readonly [Name in keyof Coefficients]: Scalar };

/** A denoiser that holds parameters. */
export interface ModelDenoiser {
  /**
   * E[x₀ | x_t = x] as the model sees it; the result is the caller's to dispose.
   *
   * @param x [B, ...itemShape]
   * @throws TweedieError INVALID_SHAPE; NOT_FINITE at a level where the parameterization has no
   * meaning, such as noise prediction at α = 0
   */
  (x: Tensor, level: Level): Promise<Tensor>;
  /** Frees its parameters, unless they are the caller's, and what was compiled. */
  dispose(): Promise<void>;
}

/** What the function of a denoiser takes besides parameters. */
export type DenoiserArguments = [
  x: Tensor,
  coefficients: CoefficientTensors,
  labels: Tensor1D | undefined,
];

export function refuse(code: ErrorCode, given: string, allowed: string, fix?: string): never {
  throw new TweedieError({
    code,
    package: 'networks',
    given: `denoiser: ${given}`,
    allowed,
    ...(fix === undefined ? {} : { fix }),
  });
}

/** D = c_skip x + c_out F(c_in x; c_noise) as a pure function, of the flat parameters too. */
export function denoiserFunction(
  { network }: Model,
  layout: ParameterLayout,
): (values: Tensor, ...args: DenoiserArguments) => Tensor {
  return (values, x, coefficients, labels) => {
    const time: Tensor1D = tile(reshape(coefficients.noise, [1]), [x.shape[0]!]);
    const scaled = mul(x, coefficients.in);
    const predicted = network.apply(layout.unpack(values), scaled, { time, label: labels });
    if (predicted.shape.join() !== x.shape.join()) {
      refuse(
        'INVALID_SHAPE',
        `the network ${network.name} makes [${predicted.shape.join(', ')}] of [${x.shape.join(', ')}]`,
        'a prediction of the shape of x',
      );
    }
    return add(mul(x, coefficients.skip), mul(predicted, coefficients.out));
  };
}

/**
 * The arguments of a state at a level: x itself, and tensors that `disposeBesides` frees.
 *
 * @throws TweedieError INVALID_SHAPE, NOT_FINITE
 */
export function argumentsAt(
  { network, parameterization }: Model,
  x: Tensor,
  level: Level,
  label: number | IntArray | undefined,
): DenoiserArguments {
  checkImage(x, network.itemShape, label);
  const coefficients = parameterization.coefficients(level);
  if (!Object.values(coefficients).every(Number.isFinite)) {
    refuse(
      'NOT_FINITE',
      `the ${parameterization.name} parameterization has no finite coefficients at t = ${level.t}, α = ${level.alpha}, σ = ${level.sigma}`,
      'levels at which it is defined',
      'begin the grid later, or train with a parameterization that is defined there (data, velocity)',
    );
  }
  const scalars: CoefficientTensors = {
    skip: scalar(coefficients.skip),
    out: scalar(coefficients.out),
    in: scalar(coefficients.in),
    noise: scalar(coefficients.noise),
  };
  return [x, scalars, label === undefined ? undefined : labelTensor(label, x.shape[0]!)];
}

/** Frees what `argumentsAt` made; x stays the caller's. */
export function disposeBesides([, coefficients, labels]: DenoiserArguments): void {
  for (const tensor of [...Object.values(coefficients), labels]) tensor?.dispose();
}

/** A denoiser that runs a function until it is disposed, which frees what it holds. */
export function modelDenoiser(
  model: Model,
  label: number | IntArray | undefined,
  run: (...args: DenoiserArguments) => Promise<Tensor>,
  free: () => Promise<void>,
): ModelDenoiser {
  let disposed = false;
  const denoiser = async (x: Tensor, level: Level): Promise<Tensor> => {
    if (disposed) refuse('INVALID_VALUE', 'it was disposed', 'use before dispose()');
    const args = argumentsAt(model, x, level, label);
    try {
      return await run(...args);
    } finally {
      disposeBesides(args);
    }
  };
  return Object.assign(denoiser, {
    async dispose() {
      if (disposed) return;
      disposed = true;
      await free();
    },
  });
}

function labelTensor(label: number | IntArray, batchSize: number): Tensor1D {
  const perItem = typeof label === 'number' ? Array<number>(batchSize).fill(label) : label.data;
  return toTensor(ints(perItem)) as Tensor1D;
}

/** @throws TweedieError INVALID_VALUE */
export function checkLabel(label: number | IntArray | undefined, classes: number): void {
  if (classes === 0) {
    if (label === undefined) return;
    refuse('INVALID_VALUE', 'a label was given to a network without classes', 'no label');
  }
  const allowed = `a whole number${Number.isFinite(classes) ? ` from 0 to ${classes - 1}` : ' of at least 0'}`;
  if (label === undefined) {
    refuse(
      'INVALID_VALUE',
      'the network is conditioned on a class and no label was given',
      allowed,
      'pass label: one for all items, or one for each',
    );
  }
  for (const value of typeof label === 'number' ? [label] : label.data) {
    if (Number.isInteger(value) && value >= 0 && value < classes) continue;
    refuse('INVALID_VALUE', `the label is ${value}`, allowed);
  }
}

function checkImage(
  x: Tensor,
  itemShape: readonly number[],
  label: number | IntArray | undefined,
): void {
  const [batchSize, ...item] = x.shape;
  if (batchSize === undefined || item.join() !== itemShape.join()) {
    refuse(
      'INVALID_SHAPE',
      `x has the shape [${x.shape.join(', ')}]`,
      `[B, ${itemShape.join(', ')}]`,
    );
  }
  if (typeof label === 'object' && label.shape.join() !== String(batchSize)) {
    refuse(
      'INVALID_SHAPE',
      `the labels have the shape [${label.shape.join(', ')}] and there are ${batchSize} items`,
      'one label for each item, or one number for all',
    );
  }
}
