import { describe, expect, it } from 'vitest';
import { torchGenerator } from './torch-random.js';

/** What torch prints after `torch.manual_seed(0)`, four decimals. */
const printed = (values: Float32Array) => [...values].map((value) => Number(value.toFixed(4)));

describe('torchGenerator', () => {
  it('draws torch.rand(3)', () => {
    expect(printed(torchGenerator(0).rand(3))).toEqual([0.4963, 0.7682, 0.0885]);
  });

  it('draws torch.randn(4), which is fewer than a block', () => {
    expect(printed(torchGenerator(0).randn(4))).toEqual([1.541, -0.2934, -2.1788, 0.5684]);
  });

  it('keeps the second normal of a pair for the next draw', () => {
    const generator = torchGenerator(0);
    const halves = [...generator.randn(1), ...generator.randn(3)];
    expect(printed(Float32Array.from(halves))).toEqual([1.541, -0.2934, -2.1788, 0.5684]);
  });

  it('draws torch.randn(16), one block', () => {
    expect(printed(torchGenerator(0).randn(16))).toEqual([
      -1.1258, -1.1524, -0.2506, -0.4339, 0.8487, 0.692, -0.316, -2.1152, 0.3223, -1.2633, 0.35,
      0.3081, 0.1198, 1.2377, 1.1168, -0.2473,
    ]);
  });

  it('redraws the last sixteen when the count is no multiple of sixteen', () => {
    const block = torchGenerator(7).randn(16);
    const longer = torchGenerator(7).randn(20);
    // Numbers 0 … 3 are of the first block; 4 … 19 were drawn anew after 20 uniforms.
    expect([...longer.subarray(0, 4)]).toEqual([...block.subarray(0, 4)]);
    const skipped = torchGenerator(7);
    skipped.rand(20);
    expect([...longer.subarray(4)]).toEqual([...skipped.randn(16)]);
  });
});
