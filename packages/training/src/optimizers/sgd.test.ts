import '@tweedie/backend-eager';
import { testOptimizer } from '@tweedie/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectClose, followGradients, gradients, start } from './gradient-path.testing.js';
import { sgd } from './sgd.js';

testOptimizer('sgd without momentum', () => sgd({ momentum: 0 }));
testOptimizer("sgd with Nesterov's momentum", () => sgd({ nesterov: true, weightDecay: 1e-4 }));

describe('sgd', () => {
  // torch 1.13.0: SGD([p], lr, momentum, weight_decay, nesterov), p.grad = gradients[i], step().
  it.each([
    {
      options: { momentum: 0 },
      learningRate: 0.1,
      path: [
        [0.949999988079071, -0.30000001192092896, 2],
        [0.925000011920929, -0.6000000238418579, 2],
        [1.024999976158142, -0.612500011920929, 2],
      ],
      momentum: undefined,
    },
    {
      options: { momentum: 0.9, weightDecay: 0.1 },
      learningRate: 0.01,
      path: [
        [0.9940000176429749, -0.4794999957084656, 1.9980000257492065],
        [0.9851059913635254, -0.4905704855918884, 1.9942020177841187],
        [0.9861162900924683, -0.5012933611869812, 1.9887895584106445],
      ],
      momentum: [-0.1010293960571289, 1.0722880363464355, 0.5412401556968689],
    },
    {
      options: { momentum: 0.8, nesterov: true },
      learningRate: 0.1,
      path: [
        [0.9100000262260437, -0.14000000059604645, 2],
        [0.8330000042915344, -0.5519999861717224, 2],
        [0.9714000225067139, -0.6640999913215637, 2],
      ],
      momentum: [-0.48000001907348633, 1.2450000047683716, -3.5999997427538233e-10],
    },
    {
      options: { momentum: 0.5, nesterov: true, weightDecay: 0.2 },
      learningRate: 0.1,
      path: [
        [0.8949999809265137, -0.1850000023841858, 1.9399999380111694],
        [0.8131499886512756, -0.5769500136375427, 1.8717999458312988],
        [0.919280469417572, -0.6262165307998657, 1.8009459972381592],
      ],
      momentum: [-0.4478699862957001, 0.9661100506782532, 0.6683599948883057],
    },
  ])(
    'takes the steps of torch.optim.SGD, $options',
    ({ options, learningRate, path, momentum }) => {
      const ours = followGradients(sgd(options), learningRate, start, gradients);
      path.forEach((expected, i) => {
        expectClose(ours.path[i]!, expected, 3e-7);
      });
      expect(Object.keys(ours.slots)).toEqual(momentum === undefined ? [] : ['momentum']);
      if (momentum !== undefined) expectClose(ours.slots.momentum!, momentum, 2e-6);
    },
  );

  it('goes the geometric sums of a steady gradient', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.95, noNaN: true }),
        fc.boolean(),
        fc.integer({ min: 1, max: 20 }),
        (momentum, nesterov, steps) => {
          // bₖ = g(1 − μᵏ)/(1 − μ), so θ has gone Σₖ bₖ, or Σₖ (g + μbₖ) = Σₖ bₖ₊₁ with Nesterov.
          const sum = (k: number) => (1 - momentum ** k) / (1 - momentum);
          const ahead = nesterov && momentum > 0;
          let expected = 0;
          for (let k = 1; k <= steps; k++) expected -= 0.1 * sum(ahead ? k + 1 : k);
          const along = Array.from({ length: steps }, () => [1]);
          const { path } = followGradients(sgd({ momentum, nesterov: ahead }), 0.1, [0], along);
          expectClose(path.at(-1)!, [expected], 5e-6);
        },
      ),
    );
  });

  it('refuses what has no meaning', () => {
    expect(() => sgd({ momentum: 1 })).toThrow('[training] sgd: momentum is 1. Allowed:');
    expect(() => sgd({ momentum: 0, nesterov: true })).toThrow(
      '[training] sgd: nesterov is true and momentum is 0.',
    );
  });
});
