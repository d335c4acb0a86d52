import { add, div, log, mul, neg, sqrt, square, sub, type Tensor } from '@tensorflow/tfjs-core';
import { type Parameterization, TweedieError } from '@tweedie/core';

/** A level as tensors without axes. */
export interface LevelTensors {
  readonly alpha: Tensor;
  readonly sigma: Tensor;
  readonly time: Tensor;
}

/** c_skip, c_out, c_in and c_noise as tensors; undefined stands for the number that changes nothing. */
export interface CoefficientTensors {
  readonly skip: Tensor | undefined;
  readonly out: Tensor | undefined;
  readonly in: Tensor | undefined;
  readonly noise: Tensor;
}

type Scales = Omit<CoefficientTensors, 'noise'>;

/** The rows of core's table of parameterizations, in tensors. */
const rows: Readonly<
  Record<string, (level: LevelTensors, config: Parameterization['config']) => Scales>
> = {
  noise: ({ alpha, sigma }) => ({
    skip: div(1, alpha),
    out: neg(div(sigma, alpha)),
    in: undefined,
  }),
  data: () => ({ skip: undefined, out: undefined, in: undefined }),
  velocity({ alpha, sigma }) {
    const total = add(square(alpha), square(sigma));
    return { skip: div(alpha, total), out: neg(div(sigma, total)), in: undefined };
  },
  score: ({ alpha, sigma }) => ({
    skip: div(1, alpha),
    out: div(square(sigma), alpha),
    in: undefined,
  }),
  edm({ alpha, sigma }, config) {
    const data = config.sigmaData as number;
    const ratio = div(sigma, alpha);
    const total = sqrt(add(square(ratio), data ** 2));
    return {
      skip: div(square(div(data, total)), alpha),
      out: div(mul(ratio, data), total),
      in: div(1, mul(alpha, total)),
    };
  },
};

const noiseInputs: Readonly<Record<string, (level: LevelTensors) => Tensor>> = {
  time: ({ time }) => time,
  halfLogSnr: ({ alpha, sigma }) => sub(log(alpha), log(sigma)),
  logSigma: ({ sigma }) => log(sigma),
  quarterLogSigma: ({ alpha, sigma }) => div(log(div(sigma, alpha)), 4),
};

/**
 * The coefficients of a parameterization as a function of tensors, so that a model in another runtime
 * takes any level.
 *
 * @throws TweedieError UNSUPPORTED for a parameterization that is not core's: its function is one of
 * plain numbers
 */
export function coefficientTensors(
  { name, config }: Parameterization,
  level: LevelTensors,
): CoefficientTensors {
  const scales = rows[name];
  const noise = noiseInputs[String(config.conditionOn)];
  if (scales === undefined || noise === undefined) {
    throw new TweedieError({
      code: 'UNSUPPORTED',
      package: 'tweedie',
      given: `the parameterization '${name}' is a function of plain numbers, which a denoiser for any level cannot hold`,
      allowed: Object.keys(rows).join(', '),
      fix: 'export the sampler or its step instead, which hold the numbers of their levels',
    });
  }
  return { ...scales(level, config), noise: noise(level) };
}
