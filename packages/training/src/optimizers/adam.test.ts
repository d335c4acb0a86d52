import '@tweedie/backend-eager';
import { testOptimizer } from '@tweedie/testing';
import { describe, expect, it } from 'vitest';
import { adam } from './adam.js';
import { adamw } from './adamw.js';
import { expectClose, followGradients, gradients, start } from './gradient-path.testing.js';

testOptimizer('adam with an L2 penalty', () => adam({ weightDecay: 0.1 }));

describe('adam', () => {
  // torch 1.13.0: Adam([p], lr, betas, eps, weight_decay), p.grad = gradients[i], step().
  it('takes the steps of torch.optim.Adam with an L2 penalty', () => {
    const { path, slots } = followGradients(adam({ weightDecay: 0.1 }), 0.01, start, gradients);
    const golden = [
      [0.9900000095367432, -0.49000000953674316, 1.9900000095367432],
      [0.980465829372406, -0.4922908842563629, 1.9800013303756714],
      [0.9810376763343811, -0.4941961169242859, 1.970004916191101],
    ];
    golden.forEach((expected, i) => {
      expectClose(path[i]!, expected, 3e-7);
    });
    expectClose(
      slots.mean!,
      [-0.010185344144701958, 0.10711709409952164, 0.053910013288259506],
      2e-6,
    );
    expectClose(
      slots.variance!,
      [0.0012944795889779925, 0.012899533845484257, 0.00011868549336213619],
      2e-6,
    );
  });

  it('takes the steps of torch.optim.Adam with other betas and a large epsilon', () => {
    const optimizer = adam({ beta1: 0.5, beta2: 0.9, epsilon: 1e-3 });
    const { path, slots } = followGradients(optimizer, 0.1, start, gradients);
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

  it('goes the learning rate in its first step, whatever the size of the gradient', () => {
    // m̂ = g and v̂ = g², so the step is η g/(|g| + ε).
    const { path } = followGradients(adam(), 0.01, [0, 0, 0], [[3, -2e-3, 1e-8]]);
    expectClose(path[0]!, [-0.01, 0.01 / (1 + 5e-6), -0.01 / 2], 1e-6);
  });

  it('is AdamW without weight decay, bit for bit', () => {
    const [ours, decoupled] = [adam(), adamw()].map((optimizer) =>
      followGradients(optimizer, 0.01, start, gradients),
    );
    expect(ours).toEqual(decoupled);
  });

  it('penalizes only where the mask says so', () => {
    const { path } = followGradients(adam({ weightDecay: 0.5 }), 0.1, [2, 2], [[0, 0]], [1, 0]);
    expectClose(path[0]!, [2 - 0.1, 2], 1e-7);
  });
});
