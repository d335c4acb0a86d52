import {
  add,
  grads,
  memory,
  mul,
  sum,
  type Tensor,
  type Tensor1D,
  tensor,
  tensor1d,
  tidy,
} from '@tensorflow/tfjs-core';
import {
  type Conditioning,
  createRng,
  type HostArray,
  type HostParams,
  type Network,
  type Params,
} from '@tweedie/core';
import { describe, expect, it } from 'vitest';

export interface NetworkKitOptions {
  /** Two time inputs at which the output must differ; [0.3, 2]. */
  readonly times?: readonly [number, number];
  /** false for a network whose output does not depend on the time; true. */
  readonly timeDependent?: boolean;
  /**
   * Whether the gradient of a parameter (or of the input, 'x') is compared with finite differences;
   * always, by default. Not where it is stopped, nor before a maximum or a ReLU, whose kinks finite
   * differences cross.
   */
  comparesGradientOf?(parameter: string): boolean;
}

/** Groups of parameters that are moved together: a network has up to some hundred. */
const GROUPS = 12;

/**
 * What every network must hold: initial parameters that depend on the seed and their own names
 * alone, an output of the input's shape that is a pure function of its arguments, items that do not
 * depend on each other, conditioning that counts, gradients that are the derivatives, dropout masks
 * by item, and no tensor left. Needs a tfjs backend and registered gradients (import
 * '@tweedie/autodiff').
 *
 * @param make makes the network under test: an instance of some thousand parameters at most
 */
export function testNetwork(
  name: string,
  make: () => Network,
  {
    times = [0.3, 2],
    timeDependent = true,
    comparesGradientOf = () => true,
  }: NetworkKitOptions = {},
): void {
  describe(`network ${name}`, () => {
    const network = make();
    const { itemShape } = network;
    const classes = network.classes ?? 0;

    /** Parameters away from their first values, so that none is 0 and all have gradients. */
    const trained = (): HostParams =>
      Object.fromEntries(
        Object.entries(network.init(createRng(1))).map(([key, { data, shape }]) => {
          const moves = createRng(2).fork(key).normal(shape).data;
          return [key, { data: data.map((value, i) => value + 0.1 * moves[i]!), shape }];
        }),
      );
    /** Times in turn, and classes in turn where there are any. */
    const conditioning = (count: number, first = 0): Conditioning => {
      const items = Array.from({ length: count }, (_, i) => first + i);
      const time = tensor1d(items.map((item) => times[item % 2]!));
      if (classes === 0) return { time };
      return {
        time,
        label: tensor1d(
          items.map((item) => item % classes),
          'int32',
        ),
      };
    };
    const input = (count: number, first = 0): Tensor =>
      toTensor(
        createRng(3)
          .fromItem(first)
          .normal([count, ...itemShape]),
      );

    /** Runs the network on items first … first + count − 1. */
    const outputOf = async (
      count: number,
      first = 0,
      change: (given: Conditioning) => Partial<Conditioning> = () => ({}),
      host = trained(),
    ): Promise<Float32Array> => {
      const y = tidy(() => {
        const given = conditioning(count, first);
        return network.apply(toTensors(host), input(count, first), { ...given, ...change(given) });
      });
      expect(y.shape).toEqual([count, ...itemShape]);
      const values = Float32Array.from(await y.data());
      y.dispose();
      return values;
    };

    it('has a name and options that JSON keeps, and a shape of its items', () => {
      expect(network.name).not.toBe('');
      expect(JSON.parse(JSON.stringify(network.config))).toEqual(network.config);
      expect(itemShape.every((extent) => Number.isInteger(extent) && extent > 0)).toBe(true);
    });

    it('draws finite initial parameters that depend on the seed alone', () => {
      const first = network.init(createRng(5));
      expect(Object.keys(first).length).toBeGreaterThan(0);
      expect(make().init(createRng(5))).toEqual(first);
      expect(network.init(createRng(6))).not.toEqual(first);
      for (const [key, { data, shape }] of Object.entries(first)) {
        expect(data.length, key).toBe(shape.reduce((product, extent) => product * extent, 1));
        expect(data.every(Number.isFinite), key).toBe(true);
      }
    });

    it('draws each parameter from a stream of its own', () => {
      const seen = new Map<string, string>();
      for (const [key, { data, shape }] of Object.entries(network.init(createRng(5)))) {
        if (new Set(data).size < 2) continue;
        const values = `[${shape}] ${data}`;
        expect(seen.get(values), `${key} begins as another parameter does`).toBeUndefined();
        seen.set(values, key);
      }
    });

    it('makes finite output of the shape of its input, of new and of trained parameters', async () => {
      for (const count of [1, 3]) {
        expect((await outputOf(count)).every(Number.isFinite)).toBe(true);
        const fresh = network.init(createRng(1));
        expect((await outputOf(count, 0, undefined, fresh)).every(Number.isFinite)).toBe(true);
      }
    });

    it('is pure: the same output of the same arguments, which stay as they are', async () => {
      const params = toTensors(trained());
      const x = input(3);
      const given = conditioning(3);
      const before = await Promise.all([x, ...Object.values(params)].map(numbersOf));
      const once = network.apply(params, x, given);
      const again = network.apply(params, x, given);
      expect(await numbersOf(again)).toEqual(await numbersOf(once));
      expect(await Promise.all([x, ...Object.values(params)].map(numbersOf))).toEqual(before);
      disposeAll([once, again, x, given.time, given.label, ...Object.values(params)]);
    });

    it('gives item i whatever the batch size', async () => {
      const together = await outputOf(4);
      const size = together.length / 4;
      for (const item of [0, 1, 3]) {
        const alone = await outputOf(1, item);
        expect([...alone]).toEqual([...together.subarray(item * size, (item + 1) * size)]);
      }
    });

    it(`depends on ${timeDependent ? '' : 'nothing but '}its input${timeDependent ? ' and the time' : ''}`, async () => {
      const at = (time: number) => outputOf(1, 0, () => ({ time: tensor1d([time]) }));
      const [one, other] = [await at(times[0]), await at(times[1])];
      if (timeDependent) expect(other).not.toEqual(one);
      else expect(other).toEqual(one);
      expect(await outputOf(1, 2)).not.toEqual(one);
    });

    if (classes > 1) {
      it('depends on the label', async () => {
        const of = (label: number) => outputOf(1, 0, () => ({ label: tensor1d([label], 'int32') }));
        expect(await of(1)).not.toEqual(await of(0));
      });
    }

    it('has the gradients that finite differences have', async () => {
      const host = trained();
      const names = [...Object.keys(host), 'x'];
      const leaves = [...Object.values(toTensors(host)), input(2)];
      const given = conditioning(2);
      const weights = toTensor(createRng(4).normal([2, ...itemShape]));
      const outputs = (tensors: readonly Tensor[]): Tensor => {
        const params: Params = Object.fromEntries(
          names.slice(0, -1).map((key, i) => [key, tensors[i]!]),
        );
        return mul(network.apply(params, tensors.at(-1)!, given), weights);
      };
      const gradients = grads((...tensors: Tensor[]) => sum(outputs(tensors)))(leaves);
      /** The sum of the weighted outputs, and of their sizes. */
      const totals = async (tensors: () => readonly Tensor[]) => {
        const weighted = tidy(() => outputs(tensors()));
        const numbers = await numbersOf(weighted);
        weighted.dispose();
        return { value: total(numbers), size: total(numbers.map(Math.abs)) };
      };
      const { size } = await totals(() => leaves);

      const compared = names.flatMap((key, i) => (comparesGradientOf(key) ? [i] : []));
      const groupSize = Math.ceil(compared.length / GROUPS);
      for (let at = 0; at < compared.length; at += groupSize) {
        const group = compared.slice(at, at + groupSize);
        const directions = new Map(
          group.map((i) => [i, toTensor(createRng(6).fork(i).normal(leaves[i]!.shape))]),
        );
        const terms: number[] = [];
        for (const [i, direction] of directions) {
          const [g, v] = [await numbersOf(gradients[i]!), await numbersOf(direction)];
          terms.push(...g.map((number, j) => number * v[j]!));
        }
        // A step changes the value by no more than its size, however steep the network is.
        const steepness = total(terms.map(Math.abs));
        const unit = Math.min(1, size / Math.max(steepness, 1e-20));
        const valueAt = async (step: number) => {
          const moved = () =>
            leaves.map((leaf, i) => {
              const direction = directions.get(i);
              return direction === undefined ? leaf : add(leaf, mul(direction, step * unit));
            });
          return (await totals(moved)).value;
        };
        // Of fourth order. Float32 rounds values by about 1e-7 of their size, divided by h.
        const h = 4e-3;
        const near = (await valueAt(h)) - (await valueAt(-h));
        const far = (await valueAt(2 * h)) - (await valueAt(-2 * h));
        const measured = (8 * near - far) / (12 * h);
        const error = Math.abs(measured - unit * total(terms));
        const tolerance = 2e-3 * unit * steepness + 1e-4 * size;
        expect(error, group.map((i) => names[i]).join(', ')).toBeLessThan(tolerance);
        disposeAll([...directions.values()]);
      }
      disposeAll([...leaves, ...gradients, given.time, given.label, weights]);
    });

    it('draws dropout masks by stream and item, and drops by them alone', async () => {
      const masks = network.dropoutMasks?.(createRng(7), 5) ?? {};
      const alone = network.dropoutMasks?.(createRng(7).fromItem(3), 1) ?? {};
      for (const [key, { data, shape }] of Object.entries(masks)) {
        expect(shape[0], `items of ${key}`).toBe(5);
        const size = data.length / 5;
        expect([...alone[key]!.data], key).toEqual([...data.subarray(3 * size, 4 * size)]);
        const kept = Math.max(...data);
        expect(kept).toBeGreaterThanOrEqual(1);
        expect([...data].every((value) => value === 0 || value === kept)).toBe(true);
      }
      if (Object.values(masks).some(({ data }) => data.includes(0 as never))) {
        const dropped = await outputOf(5, 0, () => ({ dropout: toTensors(masks) }));
        expect(dropped).not.toEqual(await outputOf(5));
      }
    });

    it('leaves no tensor but its result, with gradients too', () => {
      const params = toTensors(trained());
      const x = input(2);
      const given = conditioning(2);
      const before = memory().numTensors;
      network.apply(params, x, given).dispose();
      expect(memory().numTensors).toBe(before);
      const gradients = grads((image: Tensor) => sum(network.apply(params, image, given)))([x]);
      disposeAll(gradients);
      expect(memory().numTensors).toBe(before);
      disposeAll([x, given.time, given.label, ...Object.values(params)]);
    });
  });
}

function toTensor({ data, shape }: HostArray): Tensor {
  return tensor(data, [...shape], data instanceof Int32Array ? 'int32' : 'float32');
}

function toTensors(hosts: Readonly<Record<string, HostArray>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(hosts).map(([key, host]) => [key, toTensor(host)]));
}

async function numbersOf(source: Tensor): Promise<number[]> {
  return [...(await source.data())];
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function disposeAll(tensors: readonly (Tensor | Tensor1D | undefined)[]): void {
  for (const each of tensors) each?.dispose();
}
