import { createRng, floats } from '@tweedie/core';
import { eightGaussians, ncsnMixture } from '@tweedie/data';
import { describe, expect, it } from 'vitest';
import { expectCalibrated, mapped, shuffled } from './calibration.testing.js';
import { modeCoverage, modeWeights } from './mode-weights.js';

const centres = [
  [5, 5],
  [-5, -5],
];

describe('modeWeights', () => {
  it('counts points by their nearest centre, and within the radius', () => {
    const x = floats([5, 5, 4, 5, -5, -5, 5, 9], [4, 2]);
    expect(modeWeights(x, centres).weights.map(({ value }) => value)).toEqual([0.75, 0.25]);
    const near = modeWeights(x, centres, { radius: 1 });
    expect(near.weights.map(({ value }) => value)).toEqual([0.5, 0.25]);
    expect(near.outside.value).toBe(0.25);
    expect(near.weights[0]!.standardError).toBeCloseTo(Math.sqrt(0.25 / 3), 14);
  });

  it('gives a tie to the first centre', () => {
    const x = floats([0, 0, 1, 1], [2, 2]);
    expect(modeWeights(x, centres).weights[0]!.value).toBe(1);
    expect(modeWeights(x, centres).weights[0]!.standardError).toBe(0);
  });

  it('finds the weights of the NCSN mixture, with calibrated errors', () => {
    const data = ncsnMixture();
    const found = Array.from({ length: 400 }, (_, seed) =>
      modeWeights(data.batch(createRng(seed), 0, 200).x, centres, { radius: 2 }),
    );
    // Within two standard deviations of a Gaussian of the plane lie 1 − e⁻² of it.
    const inside = 1 - Math.exp(-2);
    expectCalibrated(
      found.map(({ weights }) => weights[0]!),
      0.8 * inside,
    );
    expectCalibrated(
      found.map(({ weights }) => weights[1]!),
      0.2 * inside,
    );
    expectCalibrated(
      found.map(({ outside }) => outside),
      1 - inside,
    );
  });

  it('does not depend on order and translation', () => {
    const { x } = ncsnMixture().batch(createRng(1), 0, 100);
    const base = modeWeights(x, centres, { radius: 1.5 });
    expect(modeWeights(shuffled(x, 1), centres, { radius: 1.5 })).toEqual(base);
    const moved = centres.map((row) => row.map((value) => value + 8));
    const far = modeWeights(
      mapped(x, (value) => value + 8),
      moved,
      { radius: 1.5 },
    );
    expect(far).toEqual(base);
  });

  it('refuses centres and radii that do not fit', () => {
    const x = floats([0, 0, 1, 1], [2, 2]);
    expect(() => modeWeights(x, [])).toThrow(/the centres are 0/);
    expect(() => modeWeights(x, [[1, 2], [3]])).toThrow(/row 1 of the centres has 1 numbers.*2/);
    expect(() => modeWeights(x, [[1, Number.NaN]])).toThrow(/the centres: row 0, column 1 is NaN/);
    expect(() => modeWeights(x, centres, { radius: 0 })).toThrow(/radius is 0/);
    expect(() => modeWeights(floats([1, 2], [1, 2]), centres)).toThrow(/the points are 1/);
  });
});

describe('modeCoverage', () => {
  const data = eightGaussians({ noise: 0.1 });
  const eight = data.mixture.components.map(({ mean }) => mean);

  it('counts the modes that were found', () => {
    const { x, label } = data.batch(createRng(1), 0, 800);
    expect(modeCoverage(x, eight, { radius: 0.5 })).toMatchObject({ value: 1 });
    // Without the modes 0 to 2.
    const rest = [...label!.data.keys()].filter((i) => label!.data[i]! > 2);
    const half = floats(
      rest.flatMap((i) => [x.data[2 * i]!, x.data[2 * i + 1]!]),
      [rest.length, 2],
    );
    const found = modeCoverage(half, eight, { radius: 0.5 });
    expect(found.covered).toEqual([false, false, false, true, true, true, true, true]);
    expect(found.value).toBe(5 / 8);
    expect(found.standardError).toBeLessThan(1e-3);
    expect(found.modes).toEqual(modeWeights(half, eight, { radius: 0.5 }));
  });

  it('is uncertain about modes whose share is at the threshold', () => {
    // Half of the points in each of two modes: with a threshold of one half each is covered by chance.
    const x = floats([5, 5, 5, 5, -5, -5, -5, -5], [4, 2]);
    const found = modeCoverage(x, centres, { atLeast: 0.5 });
    expect(found.value).toBe(1);
    expect(found.standardError).toBeCloseTo(Math.sqrt(2 / 4) / 2, 14);
  });

  it('has errors of the right size at the threshold', () => {
    // Each share has the mean 1/8; the threshold lies half a standard deviation above it.
    const atLeast = 0.125 + 0.5 * Math.sqrt((0.125 * 0.875) / 400);
    const found = Array.from({ length: 300 }, (_, seed) =>
      modeCoverage(data.batch(createRng(seed), 0, 400).x, eight, { atLeast }),
    );
    const mean = found.reduce((sum, { value }) => sum + value, 0) / 300;
    const spread = Math.sqrt(found.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / 299);
    const claimed = found.reduce((sum, { standardError }) => sum + standardError, 0) / 300;
    // q comes from the same draw as the weight, which makes q(1 − q) smaller than it should be.
    expect(claimed / spread).toBeGreaterThan(0.7);
    expect(claimed / spread).toBeLessThan(1.3);
  });

  it('refuses thresholds that are not shares', () => {
    const x = floats([0, 0, 1, 1], [2, 2]);
    expect(() => modeCoverage(x, centres, { atLeast: 0 })).toThrow(/atLeast is 0/);
    expect(() => modeCoverage(x, centres, { atLeast: 1.5 })).toThrow(/at most 1/);
    expect(() => modeCoverage(x, [])).toThrow(/the centres are 0/);
  });
});
