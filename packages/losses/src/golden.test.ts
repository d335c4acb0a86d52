import '@tensorflow/tfjs-backend-cpu';
import { mul, ready, setBackend } from '@tensorflow/tfjs-core';
import '@tweedie/autodiff';
import { createRng, floats, type Loss, levelAt } from '@tweedie/core';
import { geometric } from '@tweedie/schedules';
import { goldenDraw, scoreMatchingGolden, scriptedRng } from '@tweedie/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { denoisingScoreMatching } from './denoising.js';
import { implicitScoreMatching } from './implicit.js';
import { evaluate, linearParams, linearScore, scoreModel } from './score-matching.testing.js';
import { slicedScoreMatching } from './sliced.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

const { points, score_matching_losses: golden, anneal_dsm } = scoreMatchingGolden;
const x = floats(points.flat(), [6, 2]);
const model = scoreModel(linearScore);
const params = linearParams([2, 0.3, 0.3, 1]);

/** A loss at each point alone, on the recorded normal numbers of that point. */
async function perPoint(loss: Loss, at = model, host = params): Promise<number[]> {
  const values: number[] = [];
  for (const [item, point] of points.entries()) {
    const batch = { x: floats(point, [1, 2]) };
    const z = goldenDraw(0, 12).subarray(2 * item, 2 * item + 2);
    const draws = loss.draw(
      at,
      batch,
      scriptedRng(() => z),
    );
    values.push((await evaluate(loss, at, batch, draws, host)).value);
  }
  return values;
}

/** float32 keeps 6e-8 of each of a dozen terms, of which the largest are about 20. */
function expectNear(values: readonly number[], wanted: readonly number[]) {
  wanted.forEach((value, item) => {
    expect(Math.abs(values[item]! - value), `item ${item}`).toBeLessThan(
      2e-6 * Math.max(1, Math.abs(value)),
    );
  });
}

describe("the reference implementations' values", () => {
  it('ISM with the exact trace', async () => {
    expectNear(await perPoint(implicitScoreMatching()), golden.ism_exact_trace.per);
    const whole = await evaluate(
      implicitScoreMatching(),
      model,
      { x },
      implicitScoreMatching().draw(model, { x }, createRng(0)),
      params,
    );
    expectNear([whole.value], [golden.ism_exact_trace.mean]);
  });

  it.each([
    ['SSM on the unit sphere', 'sphere', false, golden.ssm_unit_vectors],
    ['SSM-VR with normal projections', 'gaussian', true, golden.ssm_vr_gaussian],
    ['SSM with signs', 'rademacher', false, golden.ssm_rademacher],
  ] as const)('%s', async (_name, projection, varianceReduction, wanted) => {
    const loss = slicedScoreMatching({ projection, varianceReduction });
    expectNear(await perPoint(loss), wanted.per);
    expectNear([(await perPoint(loss)).reduce((a, b) => a + b) / 6], [wanted.mean]);
  });

  it("ISM with Hutchinson's normal probes is SSM-VR", async () => {
    const loss = implicitScoreMatching({ trace: 'hutchinson', probe: 'gaussian' });
    expectNear(await perPoint(loss), golden.ssm_vr_gaussian.per);
  });

  it('DSM at σ = 0.3', async () => {
    // A single level is at sigmaMax.
    const loss = denoisingScoreMatching({ power: 0 });
    const one = { ...model, schedule: geometric({ steps: 1, sigmaMin: 0.1, sigmaMax: 0.3 }) };
    const fixed = denoisingScoreMatching({ power: 0, time: 0 });
    expectNear(await perPoint(fixed, one), golden.dsm_sigma0p3.per);
    expect(levelAt(one.schedule, 0).sigma).toBeCloseTo(0.3, 15);
    expect(loss.config).toMatchObject({ power: 0, time: null });
  });

  it("NCSN's objective, level by level", async () => {
    const schedule = geometric({ steps: 10, sigmaMin: 0.05, sigmaMax: 5 });
    const values: number[] = [];
    for (const [item, label] of anneal_dsm.labels.entries()) {
      // Its labels count from the largest σ down.
      const time = 9 - label;
      const { sigma } = levelAt(schedule, time);
      const at = scoreModel({ apply: (_params, input) => mul(input, -0.8 / sigma) }, schedule);
      values.push((await perPoint(denoisingScoreMatching({ time }), at, {}))[item]!);
    }
    expectNear(values, anneal_dsm.per_example);
  });
});
