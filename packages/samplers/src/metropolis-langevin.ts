import {
  add,
  greater,
  log,
  mul,
  reshape,
  square,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  tidy,
  where,
} from '@tensorflow/tfjs-core';
import { type Level, type Sampler, TweedieError } from '@tweedie/core';
import { defineSampler } from './define-sampler.js';
import { itemSums } from './item-norms.js';
import { defaultRelativeStep, langevinMove, stepSizeOption } from './langevin.js';
import { carry } from './pass-on.js';
import { scoreOf } from './score.js';
import type { StepRule } from './step.js';

export interface MetropolisLangevinOptions {
  /**
   * ln p_t(x) of each item up to a constant: [B, ...itemShape] ↦ [B]. The result is the sampler's to
   * dispose; x stays its own.
   */
  readonly logDensity: (x: Tensor, level: Level) => Tensor1D | Promise<Tensor1D>;
  /** ε of x + (ε/2) score + √ε z, as for `langevin`; 0.2 σ² of the level where it is left out. */
  readonly stepSize?: number | undefined;
  /** As for every sampler: stop when the denoiser gives NaN. */
  readonly checkFinite?: boolean | undefined;
  /** Is told of each iteration how many of the proposals were accepted. */
  readonly onStep?: ((report: MetropolisReport) => void) | undefined;
}

export interface MetropolisReport {
  /** The step of the grid. */
  readonly index: number;
  readonly level: Level;
  /** Share of the batch that moved, 0 … 1; about 0.57 is best in many dimensions. */
  readonly acceptanceRate: number;
}

/**
 * Metropolis-adjusted Langevin (MALA), where the log density is known: proposes x' as `langevin` does,
 * and accepts it for each item with probability min(1, p(x') q(x|x')/(p(x) q(x'|x))), so that p_t is
 * stationary at any step size. Roberts & Tweedie, "Exponential convergence of Langevin distributions
 * and their discrete approximations" (1996), section 1.4.
 *
 * The law that stays is that of `logDensity`; a denoiser (whose score makes the proposals) that does
 * not belong to it costs acceptance only. Each iteration calls the denoiser at x and at x'. A proposal
 * of density 0 (−∞) or NaN is refused. Levels pass as in `langevin`. The state that a step yields is
 * after acceptance, `denoised` is the estimate before it.
 *
 * @throws TweedieError INVALID_OPTION without a log density or for a bad step size; from the walk,
 *   INVALID_SHAPE for densities that are not [B]
 * @example
 * const { denoiser, logDensity } = ncsnMixture();
 * const chain = metropolisLangevin({ logDensity, stepSize: 0.5 });
 */
export function metropolisLangevin(options: MetropolisLangevinOptions): Sampler {
  const { logDensity, onStep, ...settings } = options ?? {};
  if (typeof logDensity !== 'function') {
    throw new TweedieError({
      code: 'INVALID_OPTION',
      package: 'samplers',
      given: `metropolis-langevin: logDensity is ${logDensity === undefined ? 'not given' : String(logDensity)}`,
      allowed: 'a function (x, level) to the log density of each item',
      fix: 'where only the score is known, use langevin, which accepts every proposal',
    });
  }
  const define = defineSampler({
    id: 'metropolis-langevin',
    doc: 'Metropolis-adjusted Langevin dynamics, for a known log density',
    options: { stepSize: stepSizeOption },
    rule: ({ stepSize }) => metropolisRule(logDensity, stepSize, onStep),
  });
  return define(settings);
}

function metropolisRule(
  logDensity: MetropolisLangevinOptions['logDensity'],
  stepSize: number | null,
  onStep: MetropolisLangevinOptions['onStep'],
): StepRule {
  return async (step) => {
    const { from, to, x, temporary } = step;
    const epsilon = stepSize ?? defaultRelativeStep * from.sigma ** 2;
    const density = async (state: Tensor) =>
      checkDensity(temporary(await logDensity(state, from)), state);
    const denoised = await step.denoise(x, from);
    const score = temporary(scoreOf(denoised, x, from));
    const noise = step.noise();
    const proposal = temporary(langevinMove(x, score, noise, epsilon));
    const proposalDenoised = await step.denoise(proposal, from);
    const before = await density(x);
    const after = await density(proposal);
    const uniform = step.uniform();
    const accepted = temporary(
      tidy(() => {
        const back = scoreOf(proposalDenoised, proposal, from);
        // x − x' − (ε/2) s(x') = −√ε (z + (√ε/2)(s(x) + s(x'))), so that with the forward −‖z‖²/2
        // ln q(x|x') − ln q(x'|x) keeps its digits for small ε.
        const drift = mul(add(score, back), Math.sqrt(epsilon) / 2);
        const reverse = add(noise, drift);
        const forward = reshape(itemSums(sub(square(noise), square(reverse))), [-1]);
        const logRatio = add(sub(after, before), mul(forward, 0.5));
        // NaN compares as false: refused.
        return greater(logRatio, log(uniform));
      }),
    );
    if (onStep !== undefined) {
      const share = tidy(() => mul(sum(accepted), 1 / Math.max(1, accepted.size)));
      const [acceptanceRate] = await share.data();
      share.dispose();
      onStep({ index: step.index, level: from, acceptanceRate: acceptanceRate! });
    }
    const kept = temporary(
      tidy(() => {
        const rest = x.shape.slice(1).map(() => 1);
        return where(reshape(accepted, [-1, ...rest]), proposal, x);
      }),
    );
    return { denoised, x: carry(kept, from, to) };
  };
}

function checkDensity(value: Tensor1D, x: Tensor): Tensor1D {
  if (value.shape.length === 1 && value.shape[0] === x.shape[0]) return value;
  throw new TweedieError({
    code: 'INVALID_SHAPE',
    package: 'samplers',
    given: `metropolis-langevin: logDensity returned the shape [${value.shape.join(', ')}]`,
    allowed: `[${x.shape[0]}], a number for each item`,
  });
}
