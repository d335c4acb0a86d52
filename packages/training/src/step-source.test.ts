import { createRng, type Dataset, type Loss, resolveOptions } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { data, loss, model } from './gaussian-denoising.fixture.js';
import { adamw } from './optimizers/index.js';
import { createStepSource } from './step-source.js';
import { trainingOptions } from './training-options.js';

/** A source whose data end after a number of steps, and the steps whose data were asked for. */
function countedSource(end = Number.POSITIVE_INFINITY, changed: Partial<Loss> = {}) {
  const asked: number[] = [];
  const counted: Dataset = {
    ...data,
    batch(rng, step, batchSize) {
      asked.push(step + 1);
      if (step >= end) throw new Error('the disk is gone');
      return data.batch(rng, step, batchSize);
    },
  };
  const source = createStepSource({
    model,
    loss: { ...loss, ...changed },
    data: counted,
    optimizer: adamw(),
    options: resolveOptions('training', trainingOptions, { batchSize: 3, learningRate: 0.5 }),
    rng: createRng(4),
  });
  return { source, asked };
}

describe('the source of steps', () => {
  it('draws each step as a function of seed and step', () => {
    const inOrder = countedSource().source.take(1, 5);
    const { source } = countedSource();
    expect([5, 3, 1].flatMap((step) => source.take(step, 1))).toEqual(
      [4, 2, 0].map((i) => inOrder[i]),
    );
    const { batch, draws, scalars } = inOrder[0]!;
    expect([batch.x.shape, draws.noise!.shape]).toEqual([
      [3, 1],
      [3, 1],
    ]);
    expect(scalars).toEqual({ emaRate: 1 - 2 / 11, optimizer: adamw().scalars(1, 0.5) });
  });

  it('draws each step once, ahead of time or not, as long as it may be taken again', () => {
    const { source, asked } = countedSource();
    const taken = source.take(1, 3);
    source.prefetch(4, 2);
    expect(asked).toEqual([1, 2, 3, 4, 5]);
    // The run is computed again from its second step.
    expect(source.take(2, 1)[0]).toBe(taken[1]);
    source.take(4, 2);
    expect(asked).toEqual([1, 2, 3, 4, 5]);
    source.take(3, 1);
    expect(asked).toEqual([1, 2, 3, 4, 5, 3]);
    source.clear();
    source.take(5, 1);
    expect(asked).toEqual([1, 2, 3, 4, 5, 3, 5]);
  });

  it('gives as many steps as can be drawn, and throws when the first cannot', () => {
    const { source, asked } = countedSource(2);
    expect(source.take(1, 4).length).toBe(2);
    source.prefetch(3, 2);
    expect(source.take(2, 2).length).toBe(1);
    expect(() => source.take(3, 1)).toThrow('the disk is gone');
    expect(asked).toEqual([1, 2, 3, 3, 3, 3]);
  });

  it('throws what the loss throws', () => {
    const { source } = countedSource(9, {
      draw: () => {
        throw new Error('no such level');
      },
    });
    expect(() => source.take(1, 2)).toThrow('no such level');
  });
});
