import { betaTables, schedulerReferences } from '@tweedie/testing';
import { expect, it } from 'vitest';
import { testBetaSchedule } from './beta-schedule.testing.js';
import { linear } from './linear.js';
import {
  alphaBar,
  testDiffusersTables,
  testImprovedDiffusionTable,
} from './reference-tables.testing.js';

testBetaSchedule('linear', linear);
testDiffusersTables('linear', linear);
const { linear_T1000 } = schedulerReferences.improved_diffusion;
testImprovedDiffusionTable('linear, 1000 steps', linear(), linear_T1000);

it("has diffusers' table with zero terminal SNR", () => {
  const schedule = linear({ zeroTerminalSnr: true });
  const table = betaTables.linear_T1000_zero_snr!;
  table.idx.forEach((t, i) => {
    // √ᾱ − √ᾱ_T loses digits in float32: 2e-4 of ᾱ at t = 998.
    const slack = t === 998 ? 3e-4 : 3e-5;
    const error = Math.abs(alphaBar(schedule, t) - table.alphas_cumprod[i]!);
    expect(error).toBeLessThanOrEqual(slack * table.alphas_cumprod[i]!);
  });
});

it('has one level for one step', () => {
  expect(alphaBar(linear({ steps: 1 }), 0)).toBeCloseTo(1 - 1e-4, 14);
});
