import { mean, memory, square, sub } from '@tensorflow/tfjs-core';
import { expectNoLeak } from '@tweedie/autodiff';
import { type Backend, type Dataset, ints, type Loss, type Optimizer } from '@tweedie/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint/checkpoint.js';
import { data, loss, optimum } from './gaussian-denoising.fixture.js';
import { adamw, sgd } from './optimizers/index.js';
import { type TrainingRecord, train } from './train.js';
import { backend, failure, finalState, problem, runSteps, withNoise } from './train.testing.js';
import type { TrainingState } from './training-state.js';

describe('train', () => {
  it('finds the posterior mean of a Gaussian', async () => {
    const training = train({
      ...problem,
      options: { steps: 1500, batchSize: 256, learningRate: 0.05, decay: 'cosine', emaDecay: 0.99 },
    });
    const records = await runSteps(training);
    const { params, ema } = await training.snapshot();
    await training.dispose();
    for (const weights of [params, ema]) {
      expect(Math.abs(weights.scale!.data[0]! - optimum.scale)).toBeLessThan(0.01);
      expect(Math.abs(weights.shift!.data[0]! - optimum.shift)).toBeLessThan(0.03);
    }
    const last = records.slice(-200).map((record) => record.loss);
    const meanLoss = last.reduce((a, b) => a + b) / last.length;
    expect(Math.abs(meanLoss - optimum.loss)).toBeLessThan(0.02);
  });

  it('reports every step once, with its learning rate', async () => {
    const training = train({
      ...problem,
      options: { steps: 4, batchSize: 8, learningRate: 0.1, warmupSteps: 2, decay: 'cosine' },
    });
    const records = await runSteps(training);
    await training.dispose();
    expect(records.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    expect(records.map(({ learningRate }) => learningRate)).toEqual([0.05, 0.1, 0.1, 0.05]);
    for (const record of records) {
      expect(record.loss).toBeGreaterThan(0);
      expect(record.gradientNorm).toBeGreaterThan(0);
      expect(record.itemsPerSecond).toBeGreaterThan(0);
    }
  });

  it('clips the gradient, and reports its norm as it was', async () => {
    const optimizer: Optimizer = {
      name: 'gradient-recorder',
      config: {},
      slots: ['last'],
      scalars: () => ({}),
      update: ({ params, gradient }) => ({ params: params.clone(), slots: { last: gradient } }),
    };
    const request = { ...problem, optimizer };
    const norms = async (clipNorm: number | null) => {
      const training = train({ ...request, options: { steps: 1, batchSize: 16, clipNorm } });
      const [record] = await runSteps(training);
      const { slots } = await training.snapshot();
      await training.dispose();
      const { scale, shift } = slots.last!;
      return { before: record!.gradientNorm, after: Math.hypot(scale!.data[0]!, shift!.data[0]!) };
    };
    const free = await norms(null);
    expect(free.after).toBeCloseTo(free.before, 5);
    const clipped = await norms(0.01);
    expect(clipped.before).toBeCloseTo(free.before, 6);
    expect(clipped.after).toBeCloseTo(0.01, 6);
  });

  it('averages the parameters by the recursion, with its warm-up', async () => {
    const training = train({ ...problem, options: { steps: 6, batchSize: 8, emaDecay: 0.4 } });
    const start = await training.weights('raw');
    expect(await training.weights('ema')).toEqual(start);
    let expected = start.scale!.data[0]!;
    for await (const { step } of training) {
      const decay = Math.min(0.4, (1 + step) / (10 + step));
      expected = decay * expected + (1 - decay) * (await training.weights('raw')).scale!.data[0]!;
      expect((await training.weights('ema')).scale!.data[0]).toBeCloseTo(expected, 5);
    }
    await training.dispose();
  });

  it('has the parameters themselves for an average without memory', async () => {
    const training = train({ ...problem, options: { steps: 3, batchSize: 8, emaDecay: 0 } });
    await runSteps(training);
    const { params, ema } = await training.snapshot();
    expect(ema).toEqual(params);
    await training.dispose();
  });

  it('hands labels to the loss', async () => {
    const labelled: Dataset = {
      ...data,
      batch: (...args) => ({ ...data.batch(...args), label: ints([3, 1, 2, 0]) }),
    };
    const labels: Loss = {
      ...loss,
      value: (_model, params, { label }) => mean(square(sub(label!, params.shift!))),
    };
    const training = train({
      ...problem,
      data: labelled,
      loss: labels,
      options: { steps: 1, batchSize: 4 },
    });
    // The shift begins at 0, so the loss is the mean square of the labels.
    expect((await runSteps(training)).map((record) => record.loss)).toEqual([14 / 4]);
    await training.dispose();
  });

  it('takes another optimizer', async () => {
    const options = { steps: 400, batchSize: 256, learningRate: 0.1, decay: 'cosine' };
    const state = await finalState({ ...problem, optimizer: sgd({ momentum: 0 }), options });
    expect(state.slots).toEqual({});
    expect(state.config.optimizer).toMatchObject({ name: 'sgd', options: { momentum: 0 } });
    expect(Math.abs(state.params.scale!.data[0]! - optimum.scale)).toBeLessThan(0.03);
    const refused = await failure(() => train({ ...problem, options, initial: state }));
    expect(refused.message).toContain(
      "the optimizer's vectors '', and adamw keeps 'mean, variance'",
    );
  });
});

describe('a training run', () => {
  const decayed = { ...problem, optimizer: adamw({ weightDecay: 0.1 }) };
  const options = {
    steps: 12,
    batchSize: 8,
    learningRate: 0.1,
    warmupSteps: 3,
    decay: 'cosine',
    clipNorm: 1,
    seed: 5,
  } as const;

  it('is the same again from the same seed, and another from another', async () => {
    const first = await finalState({ ...decayed, options });
    expect(await finalState({ ...decayed, options })).toEqual(first);
    const other = await finalState({ ...decayed, options: { ...options, seed: 6 } });
    expect(other.params).not.toEqual(first.params);
  });

  it('resumes bit for bit, wherever it was interrupted', async () => {
    const whole = train({ ...decayed, options });
    const records = await runSteps(whole);
    const expected = await whole.snapshot();
    await whole.dispose();
    const comparable = (list: readonly TrainingRecord[]) =>
      list.map(({ itemsPerSecond: _, ...rest }) => rest);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 4 }),
        async (stops) => {
          let initial: TrainingState | undefined;
          const seen: TrainingRecord[] = [];
          for (const stop of [...stops.sort((a, b) => a - b), 12]) {
            const part = train({ ...decayed, options, initial });
            seen.push(...(await runSteps(part, stop)));
            initial = await decodeCheckpoint(await encodeCheckpoint(await part.snapshot()));
            await part.dispose();
          }
          expect(initial).toEqual(expected);
          expect(comparable(seen)).toEqual(comparable(records));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('goes on after a break, and its snapshot does not change with it', async () => {
    const training = train({ ...decayed, options });
    await runSteps(training, 5);
    expect(training.step).toBe(5);
    const early = await training.snapshot();
    const copy = structuredClone(early);
    await runSteps(training);
    expect(early).toEqual(copy);
    expect(await training.snapshot()).toEqual(await finalState({ ...decayed, options }));
    await training.dispose();
  });

  it('is cut off neither by a shorter nor a longer plan', async () => {
    const done = await finalState({ ...decayed, options: { ...options, decay: 'none' } });
    const longer = { ...options, decay: 'none', steps: 20 } as const;
    expect(await finalState({ ...decayed, options: longer, initial: done })).toEqual(
      await finalState({ ...decayed, options: longer }),
    );
    const shorter = train({ ...decayed, options: { ...options, steps: 3 }, initial: done });
    expect(await runSteps(shorter)).toEqual([]);
    expect(shorter.step).toBe(12);
    await shorter.dispose();
  });

  it('stops after the step at which it is aborted, and keeps its state', async () => {
    const controller = new AbortController();
    const training = train({ ...decayed, options, signal: controller.signal });
    const steps: number[] = [];
    for await (const { step } of training) {
      steps.push(step);
      if (step === 3) controller.abort();
    }
    expect(steps).toEqual([1, 2, 3]);
    expect((await training.snapshot()).step).toBe(3);
    await training.dispose();

    const never = train({ ...decayed, options, signal: AbortSignal.abort() });
    expect(await runSteps(never)).toEqual([]);
    await never.dispose();
  });

  it('finishes a step during which it is aborted', async () => {
    const controller = new AbortController();
    const slow: Loss = {
      ...loss,
      draw(...args) {
        controller.abort();
        return loss.draw(...args);
      },
    };
    const training = train({ ...decayed, loss: slow, options, signal: controller.signal });
    expect((await runSteps(training)).map(({ step }) => step)).toEqual([1]);
    await training.dispose();
  });

  it('holds as many tensors after thousands of steps as after one, and none in the end', async () => {
    await expectNoLeak(async () => {
      const training = train({ ...decayed, options: { ...options, steps: 2000 } });
      const counts = new Set<number>();
      for await (const _record of training) counts.add(memory().numTensors);
      expect(counts.size).toBe(1);
      await training.snapshot();
      await training.weights('ema');
      expect(counts.has(memory().numTensors)).toBe(true);
      await training.dispose();
    });
  });

  it('leaves nothing behind when it is never iterated, aborted, or fails', async () => {
    await expectNoLeak(() => train({ ...decayed, options }).dispose());
    await expectNoLeak(async () => {
      const training = train({ ...decayed, options });
      await runSteps(training, 2);
      await training.dispose();
    });
    await expectNoLeak(async () => {
      const training = train({ ...decayed, loss: withNoise(3, Number.NaN), options });
      await failure(() => runSteps(training));
      await training.dispose();
    });
    await expectNoLeak(async () => {
      const broken: Backend = {
        ...backend,
        compile: (fn) =>
          Object.assign(() => Promise.reject(new Error('broken')), backend.compile(fn)),
      };
      const training = train({ ...decayed, backend: broken, options });
      await expect(runSteps(training)).rejects.toThrow('broken');
      await training.dispose();
    });
  });

  it('can be used no more once it is disposed', async () => {
    const training = train({ ...decayed, options });
    await runSteps(training, 1);
    await training.dispose();
    for (const use of [
      () => training.snapshot(),
      () => training.weights('raw'),
      () => runSteps(training),
    ]) {
      expect((await failure(use)).message).toContain('the training run was disposed');
    }
  });

  it('is iterated by one at a time', async () => {
    const training = train({ ...decayed, options });
    const refused = await failure(async () => {
      for await (const _record of training) await runSteps(training);
    });
    expect(refused.message).toContain('already being iterated');
    await runSteps(training);
    expect(training.step).toBe(12);
    await training.dispose();
  });

  it('describes itself by the names and options of its parts', async () => {
    const training = train({ ...decayed, options });
    expect((await training.snapshot()).config).toEqual({
      data: { name: 'gaussian', options: {} },
      network: { name: 'affine', options: {} },
      schedule: { name: 'one-level', options: {} },
      parameterization: { name: 'data', options: { conditionOn: 'time' } },
      loss: { name: 'one-level', options: {} },
      optimizer: {
        name: 'adamw',
        options: { weightDecay: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      },
      training: training.options,
    });
    await training.dispose();
    const named = train({ ...decayed, options, config: { recipe: 'mine' } });
    expect((await named.snapshot()).config).toEqual({ recipe: 'mine' });
    await named.dispose();
  });
});
