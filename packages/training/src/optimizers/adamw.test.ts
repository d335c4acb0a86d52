import '@tweedie/backend-eager';
import { testOptimizer } from '@tweedie/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adamw } from './adamw.js';
import { expectClose, followGradients, gradients, start } from './gradient-path.testing.js';

interface Settings {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

const follow = (
  { learningRate, ...options }: Settings,
  from: readonly number[],
  along: readonly (readonly number[])[],
  mask?: readonly number[],
) => followGradients(adamw(options), learningRate, from, along, mask);

/** Algorithm 2 of Loshchilov & Hutter for one parameter, in float64, line by line. */
function reference(
  { learningRate, weightDecay, beta1, beta2, epsilon }: Settings,
  start: number,
  gradients: readonly number[],
): number {
  let theta = start;
  let m = 0;
  let v = 0;
  gradients.forEach((g, i) => {
    const t = i + 1;
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    const corrected = m / (1 - beta1 ** t);
    const correctedSquare = v / (1 - beta2 ** t);
    theta -=
      learningRate * (corrected / (Math.sqrt(correctedSquare) + epsilon) + weightDecay * theta);
  });
  return theta;
}

testOptimizer('adamw with weight decay', () => adamw({ weightDecay: 0.1 }));

describe('adamw', () => {
  // torch 2.15.0: AdamW([p], lr, betas, eps, weight_decay), p.grad = gradients[i], step().
  it('takes the steps of torch.optim.AdamW with weight decay', () => {
    const settings = {
      learningRate: 0.01,
      weightDecay: 0.1,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
    };
    const { path, slots } = follow(settings, start, gradients);
    const golden = [
      [0.9890000224113464, -0.4895000159740448, 1.9970909357070923],
      [0.9786892533302307, -0.4914875328540802, 1.994651436805725],
      [0.9797741770744324, -0.4931311309337616, 1.992721676826477],
    ];
    golden.forEach((expected, i) => {
      expectClose(path[i]!, expected, 3e-7);
    });
    expectClose(
      slots.mean!,
      [-0.037000007927417755, 0.12050000578165054, -1.8999999490398878e-11],
      1e-6,
    );
    expectClose(
      slots.variance!,
      [0.0013119378127157688, 0.012998629361391068, 1.9980010513496364e-21],
      2e-6,
    );
  });

  it('takes the steps of torch.optim.AdamW with other betas and a large epsilon', () => {
    const settings = { learningRate: 0.1, weightDecay: 0, beta1: 0.5, beta2: 0.9, epsilon: 1e-3 };
    const { path, slots } = follow(settings, start, gradients);
    const golden = [
      [0.9001995921134949, -0.40004998445510864, 1.9999998807907104],
      [0.8147280216217041, -0.45180609822273254, 1.9999998807907104],
      [0.8775196075439453, -0.48319539427757263, 1.9999998807907104],
    ];
    golden.forEach((expected, i) => {
      expectClose(path[i]!, expected, 3e-7);
    });
    expectClose(slots.mean!, [-0.375, 0.5625, -3.749999755164879e-10], 1e-6);
    expectClose(
      slots.variance!,
      [0.12587499618530273, 1.1355624198913574, 1.809999910248853e-19],
      1e-6,
    );
  });

  it('follows the algorithm in float64 from any start, along any gradients', () => {
    const float = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(
        fc.record({
          learningRate: float(1e-4, 0.1),
          weightDecay: fc.oneof(fc.constant(0), float(1e-3, 0.5)),
          beta1: float(0, 0.95),
          beta2: float(0.5, 0.9995),
          epsilon: fc.constantFrom(1e-8, 1e-4),
        }),
        float(-3, 3),
        fc.array(float(-10, 10), { minLength: 1, maxLength: 30 }),
        (settings, from, series) => {
          const { path } = follow(
            settings,
            [from],
            series.map((g) => [g]),
          );
          const expected = reference(settings, from, series);
          // Float32 keeps 24 bits of the parameter, and of a step where the mean does not cancel.
          const moved = settings.learningRate * series.length;
          expect(Math.abs(path.at(-1)![0]! - expected)).toBeLessThan(
            1e-6 * (1 + Math.abs(from)) + 1e-3 * moved,
          );
        },
      ),
    );
  });

  it('decays only where the mask says so', () => {
    const settings = {
      learningRate: 0.1,
      weightDecay: 0.5,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
    };
    const { path } = follow(settings, [2, 2], [[0, 0]], [1, 0]);
    expectClose(path[0]!, [2 * (1 - 0.1 * 0.5), 2], 1e-7);
  });

  it('keeps a weight decay that is far below the precision of float32 near 1', () => {
    const settings = {
      learningRate: 1e-4,
      weightDecay: 1e-3,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
    };
    // 1 − 1e-7 is not a float32: the next below 1 is 1 − 6e-8, and one step has to decay by 1e-7.
    const { path } = follow(settings, [1], [[0]]);
    expect(path[0]![0]).toBe(Math.fround(1 - Math.fround(1e-7)));
  });

  it('refuses options outside their ranges', () => {
    expect(() => adamw({ beta2: 1 })).toThrow('[training] adamw: beta2 is 1. Allowed:');
    expect(() => adamw({ epsilon: 0 })).toThrow('epsilon is 0');
    expect(() => adamw({ weightDecay: -1 })).toThrow('weightDecay is -1');
  });
});
