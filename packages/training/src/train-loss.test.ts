import {
  add,
  exp,
  mean,
  mul,
  neg,
  type Scalar,
  square,
  sub,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { expectNoLeak } from '@tweedie/autodiff';
import { onnxBackend } from '@tweedie/backend-onnx';
import { type Backend, floats, type Loss, type LossParams } from '@tweedie/core';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint/checkpoint.js';
import { loss, model, optimum } from './gaussian-denoising.fixture.js';
import { type TrainingRequest, train } from './train.js';
import { backend, failure, finalState, problem, runSteps, scanning } from './train.testing.js';
import type { TrainingState } from './training-state.js';

const compiled = onnxBackend({ threads: 1 });
afterAll(() => compiled.dispose());
const backends: readonly (readonly [string, Backend])[] = [
  ['eager', backend],
  ['compiled', compiled],
];

const denoise = (params: Parameters<typeof model.network.apply>[0], x: Tensor) =>
  model.network.apply(params, x, { time: undefined as never });

/**
 * A consistency loss of two levels: the network at much noise is to give what its average gives at
 * half of it, and at none what it is given.
 */
const consistency: Loss = {
  ...loss,
  name: 'consistency',
  usesAveraged: true,
  value(_model, params, { x }, { noise }, { averaged }: LossParams) {
    const target = denoise(averaged, add(x, mul(noise!, 0.5)));
    const apart = mean(square(sub(denoise(params, add(x, noise!)), target)));
    return add(apart, mean(square(sub(denoise(params, x), x))));
  },
};

/** Kendall et al., "Multi-task learning using uncertainty" (2018), of one task: L/e^u + u. */
const uncertainty: Loss = {
  ...loss,
  name: 'uncertainty',
  init: () => ({ logVariance: floats([0], []) }),
  value(owner, params, batch, draws, others: LossParams) {
    const { own } = others;
    const inner = loss.value(owner, params, batch, draws, others);
    return add(mul(inner, exp(neg(own.logVariance!))), own.logVariance!) as Scalar;
  },
};

const options = {
  steps: 9,
  batchSize: 8,
  learningRate: 0.05,
  warmupSteps: 2,
  emaDecay: 0.6,
  seed: 3,
};

describe.each([
  ['the averaged weights', consistency],
  ['parameters of its own', uncertainty],
])('a loss with %s', (_what, ofLoss) => {
  const request = { ...problem, loss: ofLoss, options };

  it.each(backends)('goes on bit for bit from a checkpoint, %s', async (_name, on) => {
    const expected = await finalState({ ...request, backend: on });
    for (const stop of [0, 1, 4, 8]) {
      const part = train({ ...request, backend: on });
      await runSteps(part, stop);
      const initial = await decodeCheckpoint(await encodeCheckpoint(await part.snapshot()));
      await part.dispose();
      expect(await finalState({ ...request, backend: on, initial })).toEqual(expected);
    }
  });

  it('trains compiled as it does eagerly, and in runs of several steps', async () => {
    const eager = await finalState(request);
    const numbers = ({ params, ema, slots, loss: own }: TrainingState) =>
      [params, ema, ...Object.values(slots), own?.params ?? {}, own?.ema ?? {}].flatMap((part) =>
        Object.values(part).flatMap(({ data }) => [...data]),
      );
    const onOnnx = await finalState({ ...request, backend: compiled });
    expect(numbers(onOnnx).length).toBe(numbers(eager).length);
    numbers(onOnnx).forEach((value, i) => {
      // Both are float32, and sum in other orders.
      expect(Math.abs(value - numbers(eager)[i]!)).toBeLessThan(1e-5);
    });
    const { config: _, ...whole } = eager;
    const inRuns = { ...options, stepsPerRun: 4 };
    for (const [on, expected] of [
      [scanning().backend, whole],
      [compiled, (({ config: __, ...rest }) => rest)(onOnnx)],
    ] as const) {
      const { config: ___, ...state } = await finalState({
        ...request,
        backend: on,
        options: inRuns,
      });
      expect(state).toEqual(expected);
    }
  });

  it('leaves nothing behind', async () => {
    await expectNoLeak(async () => {
      await finalState(request);
    });
  });
});

describe('the averaged weights', () => {
  it.each([0, 0.6])(
    'are those before the step, and no gradient goes through them: decay %d',
    async (emaDecay) => {
      let drawn: readonly (readonly number[])[] = [];
      const watched: Loss = {
        ...consistency,
        draw(owner, batch, rng) {
          const draws = consistency.draw(owner, batch, rng);
          drawn = [[...batch.x.data], [...draws.noise!.data]];
          return draws;
        },
      };
      const request = { ...problem, loss: watched, options: { ...options, emaDecay, steps: 5 } };
      const training = train(request);
      const weights = async (kind: 'raw' | 'ema') => {
        const { scale, shift } = await training.weights(kind);
        return (x: number) => scale!.data[0]! * x + shift!.data[0]!;
      };
      for (let step = 1; step <= 5; step++) {
        const [network, averaged] = [await weights('raw'), await weights('ema')];
        // A run that ends with this step draws nothing ahead: what was drawn last is this step's.
        const initial = await training.snapshot();
        const one = train({ ...request, options: { ...request.options, steps: step }, initial });
        const [record] = await runSteps(one);
        await one.dispose();
        const [x, noise] = drawn as [number[], number[]];
        let value = 0;
        let byScale = 0;
        let byShift = 0;
        x.forEach((clean, i) => {
          const noisy = clean + noise[i]!;
          const apart = network(noisy) - averaged(clean + 0.5 * noise[i]!);
          const moved = network(clean) - clean;
          value += (apart ** 2 + moved ** 2) / x.length;
          byScale += (2 * (apart * noisy + moved * clean)) / x.length;
          byShift += (2 * (apart + moved)) / x.length;
        });
        expect(record!.loss).toBeCloseTo(value, 4);
        expect(record!.gradientNorm).toBeCloseTo(Math.hypot(byScale, byShift), 3);
        await runSteps(training, step);
      }
      await training.dispose();
    },
  );

  it('are given to those losses only that ask for them', async () => {
    const given: LossParams[] = [];
    const asking = (usesAveraged: boolean): TrainingRequest => ({
      ...problem,
      options: { ...options, steps: 1 },
      loss: {
        ...loss,
        usesAveraged,
        value(owner, params, batch, draws, others: LossParams) {
          given.push(others);
          return loss.value(owner, params, batch, draws, others);
        },
      },
    });
    await finalState(asking(false));
    await finalState(asking(true));
    expect(given[0]).toEqual({ averaged: {}, own: {} });
    expect(Object.keys(given[1]!.averaged)).toEqual(['scale', 'shift']);
  });
});

describe("a loss's own parameters", () => {
  const request = { ...problem, loss: uncertainty };

  it('are trained to their optimum, and averaged', async () => {
    const state = await finalState({
      ...request,
      options: { ...options, steps: 1500, batchSize: 256, decay: 'cosine', emaDecay: 0.99 },
    });
    // L/e^u + u is least where e^u = L.
    for (const { logVariance } of [state.loss!.params, state.loss!.ema]) {
      expect(Math.abs(logVariance!.data[0]! - Math.log(optimum.loss))).toBeLessThan(0.02);
    }
    expect(Math.abs(state.params.scale!.data[0]! - optimum.scale)).toBeLessThan(0.01);
    expect(Object.keys(state.params)).toEqual(['scale', 'shift']);
    expect(Object.keys(state.loss!.slots)).toEqual(['mean', 'variance']);
  });

  it('are averaged by the recursion of the network', async () => {
    const training = train({ ...request, options });
    let expected = 0;
    for await (const { step } of training) {
      const { params, ema } = (await training.snapshot()).loss!;
      const decay = Math.min(0.6, (1 + step) / (10 + step));
      expected = decay * expected + (1 - decay) * params.logVariance!.data[0]!;
      expect(ema.logVariance!.data[0]).toBeCloseTo(expected, 6);
    }
    await training.dispose();
  });

  it('are another stream of the seed than what else is drawn', async () => {
    const seen: number[] = [];
    const drawing: Loss = {
      ...uncertainty,
      init(_owner, rng) {
        const start = rng.normal([]);
        seen.push(start.data[0]!);
        return { logVariance: start };
      },
    };
    const state = async (seed: number, of: Loss) => {
      const training = train({ ...problem, loss: of, options: { ...options, seed } });
      const snapshot = await training.snapshot();
      await training.dispose();
      return snapshot;
    };
    const [first, again, other] = [
      await state(3, drawing),
      await state(3, drawing),
      await state(4, drawing),
    ];
    expect(again).toEqual(first);
    expect(other.loss).not.toEqual(first.loss);
    expect(first.params).toEqual((await state(3, loss)).params);
    expect(first.loss!.params.logVariance!.data[0]).toBe(seen[0]);
  });

  it('are in no checkpoint of a loss without, which no other loss goes on from', async () => {
    const [without, having] = [
      await finalState({ ...problem, options }),
      await finalState({ ...request, options }),
    ];
    expect(without.loss).toBeUndefined();
    const more = { ...options, steps: 12 };
    const lacking = await failure(() => train({ ...request, options: more, initial: without }));
    expect(lacking.message).toContain("the snapshot lacks parameters of a loss's own");
    const held = await failure(() => train({ ...problem, options: more, initial: having }));
    expect(held.message).toContain("the snapshot holds parameters of a loss's own");
  });
});
