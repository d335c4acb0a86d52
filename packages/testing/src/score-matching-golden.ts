import goldens from '../golden/losses/score-matching.json';

interface PerPoint {
  readonly per: readonly number[];
  readonly mean: number;
}

/** Values of score-matching objectives that reference implementations gave, in float64. */
export interface ScoreMatchingGolden {
  /** [6][2] */
  readonly points: readonly (readonly number[])[];
  /** At σ = 0 or one σ, of the score s(x) = −Ax with A = [[2, 0.3], [0.3, 1]]; z_0 is `goldenDraw(0)`. */
  readonly score_matching_losses: {
    readonly ism_exact_trace: PerPoint;
    readonly ssm_unit_vectors: PerPoint;
    readonly ssm_vr_gaussian: PerPoint;
    readonly ssm_rademacher: PerPoint;
    readonly dsm_sigma0p3: PerPoint;
  };
  /** NCSN's objective at the levels `labels` of σ from 5 down to 0.05, of s(x, σ) = −0.8x/σ. */
  readonly anneal_dsm: {
    readonly labels: readonly number[];
    readonly per_example: readonly number[];
    readonly mean: number;
  };
}

/** From ermongroup's ncsn and sliced_score_matching. */
export const scoreMatchingGolden: ScoreMatchingGolden = goldens;
