import { setBackend } from '@tensorflow/tfjs-core';
import {
  type Denoiser,
  type FloatArray,
  hostArray,
  type Rng,
  type Schedule,
  sizeOf,
  TweedieError,
} from '@tweedie/core';
import { createDenoiser, empiricalDenoiser } from '@tweedie/denoisers';
import { ddpm } from '@tweedie/samplers';
import { cosine, trailingGrid } from '@tweedie/schedules';
import { type DigitModel, type FigureContext, scaled } from './context.js';
import { recordSampling } from './sampling.js';

/** A digit of the data, and what the reverse chain is run with. */
export interface Digits {
  readonly description: string;
  /** The reverse kernel, which has a θ when a network computes it. */
  readonly reverseLabel: string;
  /** What the caption says of the reverse chain. */
  readonly caption: string;
  readonly schedule: Schedule;
  readonly denoiser: Denoiser;
  readonly itemShape: readonly number[];
  /** [H, W, C], from −1 to 1 */
  readonly example: FloatArray;
  dispose(): Promise<void>;
}

/** @throws TweedieError MISSING_DATA, INVALID_SHAPE (the items of the model are not images) */
export async function openDigits(context: FigureContext): Promise<Digits> {
  const { backend, digitModel } = context;
  if (digitModel !== undefined) checkDrawsImages(digitModel);
  if (context.digits === undefined) {
    throw new TweedieError({
      code: 'MISSING_DATA',
      package: 'figures',
      given: 'Fig. 4 has no digits to show',
      fix: 'give the context a data set, as in digits: () => mnist({ limit: 2000 })',
    });
  }
  const data = context.digits();
  const count = Math.min(2000, data.size, scaled(context, 2000, 50));
  const items = data.batch(context.rng.fork('digits'), 0, count).x;
  const example = firstItem(items);
  await setBackend(backend.tensorBackend);
  if (digitModel !== undefined) {
    const { description, model, params } = digitModel;
    const denoiser = createDenoiser({ model, params, backend });
    return {
      description,
      reverseLabel: 'p_{θ}',
      caption: `the reverse chain of a trained network (${description}).`,
      schedule: model.schedule,
      denoiser,
      itemShape: model.network.itemShape,
      example,
      dispose: () => denoiser.dispose(),
    };
  }
  const ideal = empiricalDenoiser({ items, backend });
  return {
    description: `ideal denoiser of ${count} digits`,
    reverseLabel: 'p',
    caption:
      `the reverse chain with the ideal denoiser of ${count} training digits, which ends on one of them ` +
      '(a trained network draws new ones).',
    schedule: cosine(),
    denoiser: ideal,
    itemShape: example.shape,
    example,
    dispose: () => ideal.dispose(),
  };
}

function checkDrawsImages({ description, model }: DigitModel): void {
  const { itemShape } = model.network;
  if (itemShape.length === 3) return;
  throw new TweedieError({
    code: 'INVALID_SHAPE',
    package: 'figures',
    given: `the items of the ${description} have shape [${itemShape.join(', ')}]`,
    allowed: 'images [height, width, channels] for Fig. 4',
    fix: 'give a model of digits, or none',
  });
}

/** The states of one reverse chain at shares of T, each [H, W, C]. */
export async function reverseChain(
  context: FigureContext,
  { schedule, denoiser, itemShape }: Digits,
  steps: number,
  shares: readonly number[],
  rng: Rng,
): Promise<FloatArray[]> {
  const grid = trailingGrid(schedule, steps);
  const wanted = shares.map((share) => Math.round((1 - share) * steps));
  const noise = rng.fork('start').normal([1, ...itemShape]);
  const start = { ...noise, data: noise.data.map((value) => value * grid[0]!.sigma) };
  const { states } = await recordSampling(context, {
    sampler: ddpm({ clip: 1 }),
    denoiser,
    start,
    grid,
    rng: rng.fork('steps'),
    keep: (step) => wanted.includes(step),
  });
  return wanted.map((wantedStep) => firstItem(states.find(({ step }) => step === wantedStep)!.x));
}

function firstItem({ data, shape }: FloatArray): FloatArray {
  const itemShape = shape.slice(1);
  return hostArray(data.slice(0, sizeOf(itemShape)), itemShape);
}
