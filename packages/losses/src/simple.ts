import { mean, mul, type Scalar, square, tidy } from '@tensorflow/tfjs-core';
import {
  type Batch,
  checkLabels,
  defineFactory,
  type IntArray,
  integer,
  ints,
  type JsonObject,
  type Loss,
  type Model,
  mostClasses,
  number,
  plugin,
  type Rng,
  TweedieError,
} from '@tweedie/core';
import { drawLevels } from './drawing/draw-levels.js';
import { timesOption } from './drawing/draw-times.js';
import { perItem } from './items.js';
import { predictionError, predictionTerms } from './prediction.js';
import { weightings } from './weightings/index.js';

/**
 * The denoising objective of DDPM and its relatives, for any schedule and any parameterization:
 * x_t = αx₀ + σε, and the error of the network's prediction F against its target, weighted by level.
 * Ho et al. (2020), eq. 14; in the general form Kingma & Gao, "Understanding diffusion objectives"
 * (2023). The weighting is one of the data's error, so it means the same whatever the network
 * predicts: 'noise' is L_simple. It is made by its factory, `minSnrWeighting({ gamma: 5 })`, or
 * named, 'minSnr' or { name: 'minSnr', options: { gamma: 5 } }.
 *
 * `draw` throws INVALID_SHAPE when the batch does not fit the network and INVALID_VALUE when the
 * parameterization or the weighting has no meaning somewhere on the schedule (noise prediction at
 * α = 0), or a label or nullLabel is none of the network's classes.
 */
export const simpleLoss = defineFactory({
  owner: 'losses',
  id: 'simple',
  doc: 'error of the denoised data at random noise levels (L_simple of DDPM)',
  source: 'Ho et al. 2020',
  options: {
    weighting: plugin('weighting', {
      known: weightings,
      default: 'noise',
      doc: 'which levels count how much; noise is L_simple',
    }),
    times: timesOption,
    labelDropout: number({
      default: 0,
      min: 0,
      max: 1,
      doc: 'share of items whose label becomes nullLabel, for classifier-free guidance',
    }),
    nullLabel: integer({
      default: null,
      min: 0,
      max: mostClasses - 1,
      doc: 'the label that stands for no class',
    }),
  },
  create: ({ weighting, times, labelDropout, nullLabel }): Pick<Loss, 'draw' | 'value'> => {
    if (labelDropout > 0 && nullLabel === null) {
      throw new TweedieError({
        code: 'INVALID_OPTION',
        package: 'losses',
        given: `simple: labelDropout is ${labelDropout} and nullLabel is not given`,
        allowed: 'both together',
        fix: 'pass as nullLabel a class that the data does not have: the number of its classes',
      });
    }
    return {
      draw(model, batch, rng) {
        const { draws } = drawLevels({
          loss: 'simple',
          model,
          batch,
          rng,
          times,
          terms: (level) => predictionTerms(model, level, weighting),
        });
        if (nullLabel === null || labelDropout === 0) return draws;
        checkNullLabel(model, nullLabel);
        return { ...draws, label: dropLabels(batch, rng, labelDropout, nullLabel) };
      },
      value: (model, params, batch, draws) =>
        tidy(() => {
          const error = square(predictionError(model, params, batch, draws));
          return mean(mul(perItem(draws.weight!, batch.x), error)) as Scalar;
        }),
    };
  },
  upgrade: weightingFromOptions,
});

/** The options of all weightings were options of the loss, one `gamma` for three of them. */
function weightingFromOptions(stored: JsonObject): JsonObject {
  const { weighting, gamma = null, p2Offset = null, sigmaData = null, ...rest } = stored;
  if (typeof weighting !== 'string') return stored;
  const given = new Map([
    ['minSnr', { gamma }],
    ['softMinSnr', { gamma }],
    ['p2', { gamma, k: p2Offset }],
    ['edm', { sigmaData }],
  ]).get(weighting);
  // null stood for the weighting's own default.
  const options = Object.entries(given ?? {}).filter(([, value]) => value !== null);
  return { weighting: { name: weighting, options: Object.fromEntries(options) }, ...rest };
}

/** @throws TweedieError INVALID_VALUE when the network has no such class */
function checkNullLabel({ network: { name, classes = 0 } }: Model, nullLabel: number): void {
  if (classes === 0) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'losses',
      given: `simple: labelDropout is asked for and network '${name}' takes no labels`,
      allowed: 'labelDropout 0, or a network with classes',
    });
  }
  checkLabels(nullLabel, {
    package: 'losses',
    of: 'simple: nullLabel',
    owner: `network '${name}'`,
    classes,
    fix: 'make the network with one class more than the data has, and pass the last as nullLabel',
  });
}

function dropLabels({ label }: Batch, rng: Rng, share: number, nullLabel: number): IntArray {
  if (label === undefined) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'losses',
      given: 'simple: labelDropout is asked for and the data has no labels',
      allowed: 'labelDropout 0, or data with labels',
    });
  }
  const u = rng.uniform(label.shape).data;
  return ints(label.data.map((value, i) => (u[i]! < share ? nullLabel : value)));
}
