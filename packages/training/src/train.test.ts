import {
  div,
  gather,
  mean,
  memory,
  square,
  stack,
  sub,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import { expectNoLeak } from '@tweedie/autodiff';
import { cpuBackend } from '@tweedie/backend-eager';
import {
  type Backend,
  type Dataset,
  flattenTree,
  floats,
  hostArray,
  ints,
  type Loss,
  type Optimizer,
  TweedieError,
} from '@tweedie/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint/checkpoint.js';
import { data, loss, model, optimum } from './gaussian-denoising.fixture.js';
import { adamw, sgd } from './optimizers/index.js';
import { stepsThatFit } from './several-steps.js';
import { type Training, type TrainingRecord, type TrainingRequest, train } from './train.js';
import type { TrainingState } from './training-state.js';

const backend = cpuBackend();
const problem = { model, loss, data, backend };

/** Runs until the end, or until `until` steps are done. */
async function runSteps(training: Training, until = Number.POSITIVE_INFINITY) {
  const records: TrainingRecord[] = [];
  if (training.step >= until) return records;
  for await (const record of training) {
    records.push(record);
    if (record.step >= until) break;
  }
  return records;
}

async function finalState(request: TrainingRequest): Promise<TrainingState> {
  const training = train(request);
  await runSteps(training);
  const state = await training.snapshot();
  await training.dispose();
  return state;
}

async function failure(work: () => unknown): Promise<TweedieError> {
  try {
    await work();
  } catch (error) {
    if (TweedieError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

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

/** The loss, with the noise of one step (1 is the first) times a number. */
function withNoise(step: number, factor: number): Loss {
  let drawn = 0;
  return {
    ...loss,
    draw(owner, batch, rng) {
      const { noise } = loss.draw(owner, batch, rng);
      if (++drawn === step)
        noise!.data.forEach((value, i) => {
          noise!.data[i] = value * factor;
        });
      return { noise: noise! };
    },
  };
}

/** The cpu backend with runs of several steps, and the lengths of those that it was asked for. */
function scanning(): { readonly backend: Backend; readonly lengths: number[] } {
  const lengths: number[] = [];
  return {
    lengths,
    backend: {
      ...backend,
      capabilities: {
        scan(step) {
          const scanned = async (start: unknown, inputs: { scalars: { emaRate: Tensor } }) => {
            const steps = inputs.scalars.emaRate.size;
            lengths.push(steps);
            const { leaves, structure } = flattenTree(inputs);
            return tidy(() => {
              let carry = start;
              const outputs: TrainingFindings[] = [];
              for (let i = 0; i < steps; i++) {
                const entry = structure.unflatten(leaves.map((leaf) => gather(leaf, i)));
                const result = step(carry, entry) as { carry: unknown; outputs: TrainingFindings };
                carry = result.carry;
                outputs.push(result.outputs);
              }
              const stacked = (name: keyof TrainingFindings) => stack(outputs.map((o) => o[name]));
              const found = { loss: stacked('loss'), gradientNorm: stacked('gradientNorm') };
              return { carry, outputs: found } as never;
            });
          };
          return Object.assign(scanned, { dispose: async () => {} }) as never;
        },
      },
    },
  };
}

interface TrainingFindings {
  readonly loss: Tensor;
  readonly gradientNorm: Tensor;
}

describe('several steps in a run of the backend', () => {
  const options = { steps: 14, batchSize: 4, learningRate: 0.1, warmupSteps: 3, emaDecay: 0.9 };
  const reference = async (steps: number) => {
    const training = train({ ...problem, options: { ...options } });
    const records = await runSteps(training, steps);
    const state = await training.snapshot();
    await training.dispose();
    return { losses: records.map((record) => record.loss), state };
  };

  it('are the steps one by one, and are left wherever one likes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 6 }),
        fc.integer({ min: 1, max: 14 }),
        async (stepsPerRun, until) => {
          const { backend: scans, lengths } = scanning();
          await expectNoLeak(async () => {
            const training = train({
              ...problem,
              backend: scans,
              options: { ...options, stepsPerRun },
            });
            const first = await runSteps(training, until);
            expect(new Set(lengths)).toEqual(new Set([stepsPerRun]));
            const expected = await reference(until);
            expect(first.map((record) => record.loss)).toEqual(expected.losses);
            const state = await training.snapshot();
            for (const part of ['step', 'params', 'ema', 'slots'] as const) {
              expect(state[part]).toEqual(expected.state[part]);
            }
            const all = [...first, ...(await runSteps(training))];
            const whole = await reference(14);
            expect(all.map((record) => record.loss)).toEqual(whole.losses);
            expect((await training.snapshot()).params).toEqual(whole.state.params);
            await training.dispose();
          });
        },
      ),
      { numRuns: 8, seed: 2 },
    );
  });

  it('end before the first that is not finite, with the state before it', async () => {
    const { backend: scans } = scanning();
    const training = train({
      ...problem,
      backend: scans,
      loss: withNoise(4, Number.NaN),
      options: { ...options, stepsPerRun: 5 },
    });
    const error = await failure(() => runSteps(training));
    expect(error.message).toContain('at step 4 the loss is NaN');
    expect(training.step).toBe(3);
    expect((await training.snapshot()).params).toEqual((await reference(3)).state.params);
    await training.dispose();
  });

  it('end before data that cannot be drawn', async () => {
    const { backend: scans, lengths } = scanning();
    const short: Dataset = {
      ...data,
      batch(rng, step, batchSize) {
        if (step >= 6) throw new Error('the disk is gone');
        return data.batch(rng, step, batchSize);
      },
    };
    const training = train({
      ...problem,
      backend: scans,
      data: short,
      options: { ...options, stepsPerRun: 4 },
    });
    await expect(runSteps(training)).rejects.toThrow('the disk is gone');
    expect([training.step, ...lengths]).toEqual([6, 4]);
    await training.dispose();
  });
});

describe('how many steps fit in a run', () => {
  it.each([
    [1e-5, 64],
    [0.002, 16],
    [0.0125, 4],
    [0.013, 1],
    [0.4, 1],
    [Number.POSITIVE_INFINITY, 1],
  ])('of %d s each: %i', (seconds, count) => {
    expect(stepsThatFit(seconds)).toBe(count);
  });
});

describe('what stops a training run', () => {
  const options = { steps: 6, batchSize: 4, learningRate: 0.1 };

  it.each([
    ['NaN', Number.NaN],
    ['an infinity', Number.POSITIVE_INFINITY],
    ['an overflow', 1e30],
  ])('%s in the loss, with the state before that step', async (_what, factor) => {
    const training = train({ ...problem, loss: withNoise(4, factor), options });
    const error = await failure(() => runSteps(training));
    expect(error.code).toBe('NOT_FINITE');
    expect(error.message).toMatch(/at step 4 the loss is (NaN|Infinity)/);
    expect(error.message).toContain('Fix: lower learningRate (0.1), set clipNorm (1 is usual)');
    expect(training.step).toBe(3);

    const good = train({ ...problem, options: { ...options, steps: 3 } });
    await runSteps(good);
    const { params } = await good.snapshot();
    expect((await training.snapshot()).params).toEqual(params);
    await good.dispose();
    await training.dispose();
  });

  it('parameters that overflow, which no snapshot takes', async () => {
    const wild: Optimizer = {
      name: 'wild',
      config: {},
      slots: [],
      scalars: () => ({}),
      update: ({ params }) => ({ params: div(params, 0), slots: {} }),
    };
    const training = train({ ...problem, optimizer: wild, options });
    await runSteps(training, 1);
    const error = await failure(() => training.snapshot());
    expect(error.code).toBe('NOT_FINITE');
    expect(error.message).toContain("after step 1 the vector 'params' holds");
    await training.dispose();
  });

  it.each([
    ['NaN', Number.NaN],
    ['Infinity', Number.NEGATIVE_INFINITY],
  ])('%s in the data, by item and step', async (text, value) => {
    const bad: Dataset = {
      ...data,
      batch(rng, step, batchSize) {
        const batch = data.batch(rng, step, batchSize);
        if (step === 2) batch.x.data[3] = value;
        return batch;
      },
    };
    const training = train({ ...problem, data: bad, options });
    const error = await failure(() => runSteps(training));
    expect(error.code).toBe('NOT_FINITE');
    expect(error.message).toContain("item 3 of the batch of step 3 from data 'gaussian' holds");
    expect(error.message).toContain(text);
    expect(training.step).toBe(2);
    await training.dispose();
  });

  it('batches of another shape', async () => {
    const flat: Dataset = { ...data, batch: () => ({ x: floats([1, 2, 3, 4]) }) };
    const training = train({ ...problem, data: flat, options });
    expect((await failure(() => runSteps(training))).message).toContain(
      "the batch of step 1 from data 'gaussian' has the shape [4]. Allowed: [4, 1]",
    );
    await training.dispose();
    const unlabelled: Dataset = {
      ...data,
      batch: (...args) => ({
        ...data.batch(...args),
        label: hostArray(new Int32Array(3), [3]),
      }),
    };
    const second = train({ ...problem, data: unlabelled, options });
    expect((await failure(() => runSteps(second))).message).toContain('have the shape [3]');
    await second.dispose();
  });

  it('data of other items, options out of range, snapshots of other runs: before anything runs', async () => {
    const wide: Dataset = { ...data, itemShape: [2] };
    expect((await failure(() => train({ ...problem, data: wide }))).message).toContain(
      "network 'affine' takes items of shape [1] and data 'gaussian' has [2]",
    );
    const batchSize = await failure(() => train({ ...problem, options: { batchSize: 0 } }));
    expect(batchSize.message).toBe(
      '[training] batchSize is 0. Allowed: a whole number at least 1.',
    );
    const misspelt = await failure(() => train({ ...problem, options: { learningrate: 1 } }));
    expect(misspelt.message).toContain("did you mean 'learningRate'");

    const state = await finalState({ ...problem, options });
    const seed = await failure(() =>
      train({ ...problem, options: { ...options, seed: 1 }, initial: state }),
    );
    expect(seed.message).toContain('made with another seed than 1');
    const { shift: _, ...params } = state.params;
    const missing = await failure(() =>
      train({ ...problem, options, initial: { ...state, params } }),
    );
    expect(missing.code).toBe('INVALID_SHAPE');
    expect(missing.message).toContain("'shift' is missing");
  });
});
