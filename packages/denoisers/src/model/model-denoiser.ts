import { type Scalar, scalar, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import type { ParameterLayout } from '@tweedie/autodiff';
import { type Coefficients, type Level, type Model, TweedieError } from '@tweedie/core';
import type { DisposableDenoiser } from '../disposable-denoiser.js';
import { denoiseWith } from './denoise-with.js';
import { type Label, labelTensor } from './labels.js';

/** What the tensor function of a denoiser takes besides parameters. */
export type DenoiserArguments = [
  x: Tensor,
  coefficients: Coefficients<Scalar>,
  labels: Tensor1D | undefined,
];

/** The denoiser of a model as a pure function of its flat parameters and its arguments. */
export function denoiserFunction(
  { network }: Model,
  layout: ParameterLayout,
): (flat: Tensor, ...args: DenoiserArguments) => Tensor {
  return (flat, x, coefficients, labels) =>
    denoiseWith(network, layout.unpack(flat), x, coefficients, labels);
}

/**
 * The arguments of a state at a level: x itself, and tensors that `disposeArguments` frees.
 *
 * @throws TweedieError INVALID_SHAPE, NOT_FINITE
 */
export function argumentsAt(
  { network, parameterization }: Model,
  x: Tensor,
  level: Level,
  label: Label | undefined,
): DenoiserArguments {
  const [batchSize, ...item] = x.shape;
  if (batchSize === undefined || item.join() !== network.itemShape.join()) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'denoisers',
      given: `x has the shape [${x.shape.join(', ')}]`,
      allowed: `[B, ${network.itemShape.join(', ')}]`,
    });
  }
  const coefficients = parameterization.coefficients(level);
  if (!Object.values(coefficients).every(Number.isFinite)) {
    throw new TweedieError({
      code: 'NOT_FINITE',
      package: 'denoisers',
      given: `the ${parameterization.name} parameterization has no finite coefficients at t = ${level.t}, α = ${level.alpha}, σ = ${level.sigma}`,
      allowed: 'levels at which it is defined',
      fix: 'begin the grid later, or train with a parameterization that is defined there (data, velocity)',
    });
  }
  const labels = label === undefined ? undefined : labelTensor(label, batchSize);
  const scalars = {
    skip: scalar(coefficients.skip),
    out: scalar(coefficients.out),
    in: scalar(coefficients.in),
    noise: scalar(coefficients.noise),
  };
  return [x, scalars, labels];
}

/** Frees what `argumentsAt` made; x stays the caller's. */
export function disposeArguments([, coefficients, labels]: DenoiserArguments): void {
  for (const tensor of [...Object.values(coefficients), labels]) tensor?.dispose();
}

/**
 * A denoiser that runs a function until it is disposed.
 *
 * @param free frees what the function holds
 */
export function modelDenoiser(
  model: Model,
  label: Label | undefined,
  run: (...args: DenoiserArguments) => Promise<Tensor>,
  free: () => Promise<void>,
): DisposableDenoiser {
  let disposed = false;
  const denoiser = async (x: Tensor, level: Level): Promise<Tensor> => {
    if (disposed) {
      throw new TweedieError({
        code: 'INVALID_VALUE',
        package: 'denoisers',
        given: 'the denoiser is called and it was disposed',
        allowed: 'use before dispose()',
      });
    }
    const args = argumentsAt(model, x, level, label);
    try {
      return await run(...args);
    } finally {
      disposeArguments(args);
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
