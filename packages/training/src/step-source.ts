import type { Dataset, Loss, Model, Optimizer, Options, Rng } from '@tweedie/core';
import { checkBatch } from './check-batch.js';
import { checkDraws, checkScalars } from './check-plugins.js';
import { emaDecayAt } from './ema.js';
import { learningRateAt } from './learning-rate.js';
import type { StepInputs } from './step-inputs.js';
import type { trainingOptions } from './training-options.js';

/** Draws what steps take from the host, which is a function of (seed, step). */
export interface StepSource {
  /**
   * The inputs of steps from `first` on: of `count`, or of as many as can be drawn.
   *
   * @returns at least one
   * @throws what the data and the loss throw for `first`
   */
  take(first: number, count: number): readonly StepInputs[];
  /**
   * Draws ahead, for a later `take`, while the backend computes. A step that cannot be drawn is left
   * to `take`, which throws.
   */
  prefetch(first: number, count: number): void;
  /** Forgets what was drawn. */
  clear(): void;
}

/** @param rng the stream of the run, from which those of data and draws are forked */
export function createStepSource({
  model,
  loss,
  data,
  optimizer,
  options,
  rng,
}: {
  readonly model: Model;
  readonly loss: Loss;
  readonly data: Dataset;
  readonly optimizer: Optimizer;
  readonly options: Options<typeof trainingOptions>;
  readonly rng: Rng;
}): StepSource {
  const dataRng = rng.fork('data');
  const drawRng = rng.fork('draws');
  const batchShape = [options.batchSize, ...model.network.itemShape];
  /** By step: those taken last, which a rewind takes again, and those to come. */
  const drawn = new Map<number, StepInputs>();

  const draw = (step: number): StepInputs => {
    const known = drawn.get(step);
    if (known !== undefined) return known;
    const batch = data.batch(dataRng, step - 1, options.batchSize);
    checkBatch(
      batch,
      batchShape,
      model.network,
      `the batch of step ${step} from data '${data.name}'`,
    );
    const draws = loss.draw(model, batch, drawRng.fork(step - 1));
    checkDraws(loss, draws);
    const scalars = optimizer.scalars(step, learningRateAt(step, options));
    checkScalars(optimizer, scalars);
    const emaRate = 1 - emaDecayAt(step, options.emaDecay);
    const inputs = { batch, draws, scalars: { emaRate, optimizer: scalars } };
    drawn.set(step, inputs);
    return inputs;
  };

  return {
    take(first, count) {
      for (const step of drawn.keys()) if (step < first) drawn.delete(step);
      const inputs = [draw(first)];
      try {
        while (inputs.length < count) inputs.push(draw(first + inputs.length));
      } catch {
        // It comes first at a later call, which throws.
      }
      return inputs;
    },
    prefetch(first, count) {
      try {
        for (let step = first; step < first + count; step++) draw(step);
      } catch {
        // The same.
      }
    },
    clear: () => drawn.clear(),
  };
}
