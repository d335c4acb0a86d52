import {
  add,
  grads,
  matMul,
  memory,
  mul,
  type Scalar,
  type Tensor,
  type Tensor1D,
  tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import {
  type Batch,
  createRng,
  type Draws,
  type HostArray,
  type Loss,
  type LossParams,
  type Model,
  type Params,
  type Rng,
  type Schedule,
  type TensorBatch,
  type TensorDraws,
  velocityPrediction,
} from '@tweedie/core';
import { describe, expect, it } from 'vitest';

export interface LossKitOptions {
  /** The model that the loss is tried on; by default an affine map of the plane that predicts v. */
  readonly model?: Model;
  /** Number of classes of that network, which ignores them; default none. */
  readonly classes?: number;
  /** Its data; by default 2-D points. Item i must depend on (rng, i) only. */
  readonly batch?: (rng: Rng, count: number) => Batch;
  /** false for a loss that draws nothing at random; true by default. */
  readonly random?: boolean;
}

const schedule: Schedule = {
  name: 'quarter-circle',
  config: {},
  time: { kind: 'discrete', steps: 20 },
  alpha: (t) => Math.cos(((t + 1) / 21) * (Math.PI / 2)),
  sigma: (t) => Math.sin(((t + 1) / 21) * (Math.PI / 2)),
};

const affine: Model = {
  network: {
    name: 'affine',
    config: {},
    itemShape: [2],
    init: (rng) => ({ weight: rng.normal([2, 2]), bias: rng.normal([2]) }),
    apply: (params, x) => add(matMul(x as never, params.weight as never), params.bias!),
  },
  parameterization: velocityPrediction(),
  schedule,
};

function withClasses(model: Model, classes: number): Model {
  return { ...model, network: { ...model.network, classes } };
}

function toTensor({ data, shape }: HostArray): Tensor {
  return tensor(data, [...shape], data instanceof Int32Array ? 'int32' : 'float32');
}

function toTensors(hosts: Readonly<Record<string, HostArray>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(hosts).map(([name, host]) => [name, toTensor(host)]));
}

/**
 * What every loss must hold: draws that depend on the stream and the item alone, a finite scalar
 * that is a function of its arguments, a gradient that is its derivative, with respect to parameters
 * of its own too, and no tensor left. Needs a tfjs backend and registered gradients (import '@tweedie/autodiff').
 *
 * @param make makes the loss under test
 */
export function testLoss(name: string, make: () => Loss, options: LossKitOptions = {}): void {
  const { classes, model: asked = affine } = options;
  const model = classes === undefined ? asked : withClasses(asked, classes);
  const batchOf = options.batch ?? ((rng, count) => ({ x: rng.normal([count, 2]) }));
  const plain = (draws: Draws) =>
    Object.fromEntries(Object.entries(draws).map(([key, { data }]) => [key, [...data]]));

  /** Runs a function on tensors of one batch and disposes them. */
  const withTensors = async <Result>(
    count: number,
    firstItem: number,
    fn: (
      loss: Loss,
      params: Params,
      batch: TensorBatch,
      draws: TensorDraws,
      others: LossParams,
    ) => Promise<Result>,
  ): Promise<Result> => {
    const loss = make();
    const batch: Batch = batchOf(createRng(1).fromItem(firstItem), count);
    const params = toTensors(model.network.init(createRng(2)));
    const draws = toTensors(loss.draw(model, batch, createRng(3).fromItem(firstItem)));
    const others = {
      averaged: loss.usesAveraged ? toTensors(model.network.init(createRng(5))) : {},
      own: toTensors(loss.init?.(model, createRng(6)) ?? {}),
    };
    const x = toTensor(batch.x);
    const label = batch.label === undefined ? undefined : (toTensor(batch.label) as Tensor1D);
    const result = await fn(loss, params, { x, label }, draws, others);
    const records = [params, draws, others.averaged, others.own].map((all) => Object.values(all));
    for (const used of [...records.flat(), x, label]) used?.dispose();
    return result;
  };

  describe(`loss ${name}`, () => {
    const { random = true } = options;
    it(`draws the same from the same stream${random ? ', and other numbers next' : ''}`, () => {
      const batch = batchOf(createRng(1), 6);
      const rng = createRng(3);
      const first = plain(make().draw(model, batch, rng));
      expect(plain(make().draw(model, batch, createRng(3)))).toEqual(first);
      const next = plain(make().draw(model, batch, rng));
      if (random) expect(next).not.toEqual(first);
      else expect(next).toEqual(first);
    });

    it('draws finite numbers', () => {
      const draws = make().draw(model, batchOf(createRng(1), 64), createRng(3));
      for (const [key, { data }] of Object.entries(draws)) {
        expect([...data].every(Number.isFinite), key).toBe(true);
      }
    });

    it('draws for item i whatever the batch size, and wherever the batch begins', () => {
      const together = make().draw(model, batchOf(createRng(1), 9), createRng(3));
      const alone = make().draw(
        model,
        batchOf(createRng(1).fromItem(5), 1),
        createRng(3).fromItem(5),
      );
      expect(Object.keys(alone)).toEqual(Object.keys(together));
      for (const [key, { data, shape }] of Object.entries(together)) {
        expect(shape[0], `items of ${key}`).toBe(9);
        const size = data.length / 9;
        expect([...alone[key]!.data], key).toEqual([...data.subarray(5 * size, 6 * size)]);
      }
    });

    it('is a finite scalar, the same for the same arguments', async () => {
      await withTensors(7, 0, async (loss, params, batch, draws, others) => {
        const once = loss.value(model, params, batch, draws, others);
        const again = loss.value(model, params, batch, draws, others);
        expect(once.shape).toEqual([]);
        const [value] = await once.data();
        expect(Number.isFinite(value)).toBe(true);
        expect((await again.data())[0]).toBe(value);
        once.dispose();
        again.dispose();
      });
    });

    it('is the mean over the items', async () => {
      const valueOfItems = (count: number, firstItem: number) =>
        withTensors(count, firstItem, async (loss, params, batch, draws, others) => {
          const value = loss.value(model, params, batch, draws, others);
          const [number] = await value.data();
          value.dispose();
          return number!;
        });
      const mean = ((await valueOfItems(1, 0)) + (await valueOfItems(1, 1))) / 2;
      const error = Math.abs((await valueOfItems(2, 0)) - mean);
      expect(error).toBeLessThan(1e-4 * Math.max(1, Math.abs(mean)));
    });

    it('has the gradient that differences have', async () => {
      await withTensors(5, 0, async (loss, params, batch, draws, others) => {
        const trained = [...Object.entries(params), ...Object.entries(others.own)];
        const names = trained.map(([key]) => key);
        const leaves = trained.map(([, leaf]) => leaf);
        const valueAt = (tensors: Tensor[]): Scalar => {
          const moved = names.map((key, i) => [key, tensors[i]!] as const);
          const count = Object.keys(params).length;
          return loss.value(model, Object.fromEntries(moved.slice(0, count)), batch, draws, {
            ...others,
            own: Object.fromEntries(moved.slice(count)),
          });
        };
        const gradients = grads((...tensors: Tensor[]) => valueAt(tensors))(leaves);
        // Along one direction for each parameter, by differences of fourth order: losses that hold
        // derivatives bend, and float32 allows steps of about 1e-2.
        for (const [i, leaf] of leaves.entries()) {
          const direction = toTensor(createRng(4).fork(i).normal(leaf.shape));
          const step = 1e-2;
          const moved = await Promise.all(
            [-2 * step, -step, step, 2 * step].map(async (size) => {
              const shifted = shift(leaf, direction, size);
              const value = valueAt(leaves.map((other, j) => (j === i ? shifted : other)));
              const [number] = await value.data();
              shifted.dispose();
              value.dispose();
              return number!;
            }),
          );
          const measured = (moved[0]! - 8 * moved[1]! + 8 * moved[2]! - moved[3]!) / (12 * step);
          const slope = await product(gradients[i]!, direction);
          const scale = Math.max(1, Math.abs(slope), Math.abs(moved[0]!));
          expect(Math.abs(measured - slope), names[i]).toBeLessThan(5e-3 * scale);
          direction.dispose();
          gradients[i]!.dispose();
        }
      });
    });

    it('leaves no tensor behind and its arguments alone', async () => {
      await withTensors(4, 0, async (loss, params, batch, draws, others) => {
        const before = memory().numTensors;
        loss.value(model, params, batch, draws, others).dispose();
        expect(memory().numTensors).toBe(before);
        expect(Object.values(params).some(({ isDisposed }) => isDisposed)).toBe(false);
        expect(Object.values(draws).some(({ isDisposed }) => isDisposed)).toBe(false);
        for (const kept of [...Object.values(others.averaged), ...Object.values(others.own)]) {
          expect(kept.isDisposed).toBe(false);
        }
      });
    });

    it('has a name and options that JSON keeps', () => {
      const { name, config } = make();
      expect(name).not.toBe('');
      expect(JSON.parse(JSON.stringify(config))).toEqual(config);
    });
  });
}

function shift(at: Tensor, direction: Tensor, size: number): Tensor {
  return tidy(() => add(at, mul(direction, size)));
}

async function product(a: Tensor, b: Tensor): Promise<number> {
  const [left, right] = await Promise.all([a.data(), b.data()]);
  return (left as Float32Array).reduce((sum, value, i) => sum + value * right[i]!, 0);
}
