import goldens from '../golden/langevin/reference.json';

type Points = readonly (readonly number[])[];

/** Samples that annealed Langevin dynamics of ermongroup's code ended on. */
export interface AnnealedLangevinGolden {
  readonly n_steps_each: number;
  /** The end of each of the six points. */
  readonly out: Points;
  readonly noise_draws: number;
}

/**
 * Langevin samplers of reference implementations in float64, with scores of Gaussian mixtures. Draw k
 * of noise is `goldenDraw(k)`, its scale that of unit variance.
 */
export interface LangevinGolden {
  /** Where walks begin, [6][2]. */
  readonly points: Points;
  readonly ncsn: {
    /**
     * NCSNv2's `anneal_Langevin_dynamics` on `gaussianMixture({ weights: [0.8, 0.2] })` under noise:
     * σ from 5 to 0.05 geometric in 10 levels, from the points, x + a s + √(2a) z with
     * a = step_lr (σ/σ_L)².
     */
    readonly ald_v2_denoise_False: AnnealedLangevinGolden & { readonly step_lr: number };
    readonly ald_v2_denoise_True: AnnealedLangevinGolden & { readonly step_lr: number };
    /**
     * NCSN's toy: 0.8 N((5, 5), σ²I) + 0.2 N((−5, −5), σ²I), whose spread is σ itself; σ from 20 to 1
     * geometric in 10 levels, from 8 times the points, x + (a/2) s + √a z with a = lr (σ/σ_L)².
     */
    readonly toy_ald: AnnealedLangevinGolden & { readonly lr: number };
  };
  /**
   * score_sde's predictor–corrector samplers, `cases` by 'sde_predictor_corrector', on the mixture of
   * `gaussianMixture({ weights: [0.8, 0.2] })`. VP with β from 0.1 to 20 from the points, VE with σ from
   * 0.02 to 10 from 10 times the points; N times from 1 down to eps; one corrector step.
   */
  readonly score_sde: {
    readonly N: number;
    readonly snr: number;
    readonly eps: number;
    readonly cases: Readonly<Record<string, Points>>;
  };
}

export const langevinGolden: LangevinGolden = goldens;
