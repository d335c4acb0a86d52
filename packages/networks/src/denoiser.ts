import {
  add,
  mul,
  reshape,
  type Scalar,
  scalar,
  type Tensor,
  type Tensor1D,
  tidy,
  tile,
} from '@tensorflow/tfjs-core';
import { createParameterLayout, type ParameterLayout, toTensor } from '@tweedie/autodiff';
import {
  type Backend,
  type Coefficients,
  type HostParams,
  type IntArray,
  ints,
  type Level,
  type Model,
  TweedieError,
} from '@tweedie/core';

/** Named values in plain memory; or a flat tensor of a layout, which stays the caller's. */
type ParameterSource =
  | { readonly params: HostParams; readonly layout?: undefined }
  | { readonly params: Tensor; readonly layout: ParameterLayout };

export type DenoiserOptions = ParameterSource & {
  readonly model: Model;
  /** Compiles the network; without it tfjs runs it operation by operation. */
  readonly backend?: Backend | undefined;
  /** The class to denoise towards: one for all items, or one for each, int32 [B]. */
  readonly label?: number | IntArray | undefined;
};

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

type CoefficientTensors = { readonly [Name in keyof Coefficients]: Scalar };

function refuse(
  code: 'INVALID_SHAPE' | 'INVALID_VALUE' | 'NOT_FINITE',
  given: string,
  allowed: string,
  fix?: string,
): never {
  throw new TweedieError({
    code,
    package: 'networks',
    given: `denoiser: ${given}`,
    allowed,
    ...(fix === undefined ? {} : { fix }),
  });
}

/**
 * The denoiser of a trained model, D = c_skip x + c_out F(c_in x; c_noise). The level enters as
 * tensors, so that one compiled program serves every level of a batch size.
 *
 * @throws TweedieError INVALID_SHAPE when the flat tensor does not fit its layout; INVALID_VALUE when
 * the network has classes and there is no label, has none and there is one, or a label is not among
 * them
 */
export function createDenoiser(options: DenoiserOptions): ModelDenoiser {
  const { model, backend, label } = options;
  const { network, parameterization } = model;
  checkLabel(label, network.classes ?? 0);
  const layout = options.layout ?? createParameterLayout(options.params);
  const own = options.layout === undefined ? toTensor(layout.pack(options.params)) : undefined;
  const flat = own ?? (options.params as Tensor);
  if (flat.shape.join() !== String(layout.size)) {
    refuse(
      'INVALID_SHAPE',
      `the parameters have the shape [${flat.shape.join(', ')}]`,
      `[${layout.size}], all parameters of the layout`,
    );
  }

  const denoise = (
    values: Tensor,
    x: Tensor,
    coefficients: CoefficientTensors,
    labels: Tensor1D | undefined,
  ): Tensor => {
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
  // Parameters of its own never change: closed over, they become constants of a compiled program,
  // which the runtime arranges once for all calls.
  const fixed = (...args: Tail<Parameters<typeof denoise>>) => denoise(flat, ...args);
  const compiled = own === undefined ? backend?.compile(denoise) : undefined;
  const compiledFixed = own === undefined ? undefined : backend?.compile(fixed);
  const run = async (...args: Parameters<typeof fixed>): Promise<Tensor> => {
    if (compiledFixed !== undefined) return compiledFixed(...args);
    return compiled === undefined ? tidy(() => fixed(...args)) : compiled(flat, ...args);
  };

  let disposed = false;
  const denoiser = async (x: Tensor, level: Level): Promise<Tensor> => {
    if (disposed) refuse('INVALID_VALUE', 'it was disposed', 'use before dispose()');
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
    const labels = label === undefined ? undefined : labelTensor(label, x.shape[0]!);
    try {
      return await run(x, scalars, labels);
    } finally {
      for (const tensor of [...Object.values(scalars), labels]) tensor?.dispose();
    }
  };
  return Object.assign(denoiser, {
    async dispose() {
      if (disposed) return;
      disposed = true;
      own?.dispose();
      await (compiled ?? compiledFixed)?.dispose();
    },
  });
}

/** A function's parameters after the first. */
type Tail<List extends readonly unknown[]> = List extends [unknown, ...infer Rest] ? Rest : never;

function labelTensor(label: number | IntArray, batchSize: number): Tensor1D {
  const perItem = typeof label === 'number' ? Array<number>(batchSize).fill(label) : label.data;
  return toTensor(ints(perItem)) as Tensor1D;
}

function checkLabel(label: number | IntArray | undefined, classes: number): void {
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
