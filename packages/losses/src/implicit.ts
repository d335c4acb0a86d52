import { eye, reshape, type Scalar, type Tensor, tidy, tile } from '@tensorflow/tfjs-core';
import { choice, defineFactory, integer, type Loss, sizeOf } from '@tweedie/core';
import { curvatureObjective, projectionRows } from './curvature.js';
import { repeatItems, weightedMean } from './items.js';
import { checkedProjections, drawProjections } from './projections.js';
import {
  drawScoreLevels,
  levelOptions,
  noisedData,
  noiseOption,
  scoreNetwork,
} from './score-network.js';

const id = 'implicit-score-matching';

/**
 * Implicit score matching, E[tr ∇s_θ(x) + ½‖s_θ(x)‖²]: explicit score matching less a constant,
 * without the score of the data. Hyvärinen (2005), theorem 1. Summed over an item, mean over items.
 *
 * The exact trace takes D backward passes for items of D numbers, run as one of D copies of the
 * batch. 'hutchinson' estimates it by probes v with E[vvᵀ] = I: tr ∇s = E[vᵀ∇s v]. Hutchinson
 * (1990). The gradient goes through the derivative of the network, so its activations must be
 * smooth.
 *
 * `draw` throws INVALID_SHAPE when the batch does not fit the network and INVALID_VALUE when the
 * model says nothing about the score at a level; `value` throws INVALID_SHAPE for probes of another
 * shape than [B, probes, …].
 */
export const implicitScoreMatching = defineFactory({
  owner: 'losses',
  id,
  doc: "Hyvärinen's objective, with the trace of the score's Jacobian (ISM)",
  source: 'Hyvärinen 2005',
  options: {
    trace: choice(['exact', 'hutchinson'], {
      default: 'exact',
      doc: 'sum the whole diagonal, one backward pass a dimension, or estimate it by probes',
    }),
    probe: choice(['rademacher', 'gaussian'], {
      default: 'rademacher',
      doc: "how hutchinson's probes are drawn: signs (least variance) or normal numbers",
    }),
    probes: integer({ default: 1, min: 1, max: 10_000, doc: 'probes an item, of hutchinson' }),
    noise: noiseOption,
    ...levelOptions,
  },
  create: (options): Pick<Loss, 'draw' | 'value'> => ({
    draw(model, batch, rng) {
      const { draws } = drawScoreLevels(id, model, batch, rng, options);
      if (options.trace === 'exact') return draws;
      const { probe, probes } = options;
      return { ...draws, projection: drawProjections(probe, batch.x.shape, probes, rng) };
    },
    value: (model, params, batch, draws) =>
      tidy(() => {
        const x = noisedData(batch, draws);
        const isExact = options.trace === 'exact';
        const projection = isExact
          ? coordinateAxes(x)
          : checkedProjections(id, draws.projection, x);
        const perItem = projection.shape[1]!;
        const objective = curvatureObjective(
          scoreNetwork(model, params, batch, draws, perItem),
          repeatItems(x, perItem),
          projectionRows(projection),
          { of: 'score', scale: 1 },
          // The rows of an item are averaged; the exact trace is a sum.
          isExact ? perItem : 1,
        );
        return weightedMean(objective, draws.weight!);
      }) as Scalar,
  }),
});

/** All D coordinate axes for each item of x: [B, D, …itemShape]. */
function coordinateAxes(x: Tensor): Tensor {
  const [count, ...itemShape] = x.shape as [number, ...number[]];
  const size = sizeOf(itemShape);
  const axes = reshape(eye(size), [1, size, ...itemShape]);
  return tile(axes, [count, 1, ...itemShape.map(() => 1)]);
}
