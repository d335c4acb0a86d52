import { memory, scalar, type Tensor, type Tensor1D, tensor1d, tidy } from '@tensorflow/tfjs-core';
import type { Optimizer } from '@tweedie/core';
import { describe, expect, it } from 'vitest';

export interface OptimizerKitOptions {
  /** The learning rate with which it is to go down a quadratic; 0.02. */
  readonly learningRate?: number;
}

/** The state of a few parameters in plain memory. */
interface State {
  readonly params: readonly number[];
  readonly slots: Readonly<Record<string, readonly number[]>>;
}

/**
 * What every optimizer must hold: vectors and scalars that are those it names, an update that is a
 * function of its inputs alone and leaves them as they are, decay only where the mask has it, no
 * tensor left, and steps that go down a quadratic. Needs a tfjs backend.
 *
 * @param make makes the optimizer under test
 */
export function testOptimizer(
  name: string,
  make: () => Optimizer,
  { learningRate = 0.02 }: OptimizerKitOptions = {},
): void {
  const fresh = (optimizer: Optimizer, params: readonly number[]): State => ({
    params,
    slots: Object.fromEntries(optimizer.slots.map((slot) => [slot, params.map(() => 0)])),
  });
  const inputsOf = (
    optimizer: Optimizer,
    step: number,
    { params, slots }: State,
    gradient: readonly number[],
    mask: number,
  ) => ({
    params: vector(params),
    gradient: vector(gradient),
    slots: mapValues(slots, vector),
    decayMask: vector(params.map(() => mask)),
    scalars: mapValues(optimizer.scalars(step, learningRate), scalar),
  });
  const update = (
    optimizer: Optimizer,
    step: number,
    state: State,
    gradient: readonly number[],
    mask = 1,
  ): State =>
    tidy(() => {
      const { params, slots } = optimizer.update(inputsOf(optimizer, step, state, gradient, mask));
      return { params: [...params.dataSync()], slots: mapValues(slots, (s) => [...s.dataSync()]) };
    });

  describe(`optimizer ${name}`, () => {
    it('has a name and options that JSON keeps', () => {
      const { name: id, config } = make();
      expect(id).not.toBe('');
      expect(JSON.parse(JSON.stringify(config))).toEqual(config);
    });

    it('names its vectors in letters and digits, each once', () => {
      const { slots } = make();
      expect(new Set(slots).size).toBe(slots.length);
      for (const slot of slots) expect(slot).toMatch(/^[A-Za-z][A-Za-z0-9]*$/);
    });

    it('has finite scalars of the same names at every step', () => {
      const optimizer = make();
      const names = Object.keys(optimizer.scalars(1, learningRate));
      for (const step of [1, 2, 3, 1000, 1_000_000]) {
        const scalars = optimizer.scalars(step, learningRate);
        expect(Object.keys(scalars)).toEqual(names);
        expect(Object.values(scalars).every(Number.isFinite), `step ${step}`).toBe(true);
        expect(optimizer.scalars(step, learningRate)).toEqual(scalars);
      }
    });

    it('gives new vectors of the same shapes, and leaves its inputs as they are', () => {
      const optimizer = make();
      const state = fresh(optimizer, [1, -2, 3]);
      tidy(() => {
        const inputs = inputsOf(optimizer, 1, state, [0.5, 0, -1], 1);
        const { params, slots } = optimizer.update(inputs);
        expect(Object.keys(slots).sort()).toEqual([...optimizer.slots].sort());
        const given: Tensor[] = [inputs.params, inputs.gradient, ...Object.values(inputs.slots)];
        for (const result of [params, ...Object.values(slots)]) {
          expect(result.shape).toEqual([3]);
          expect(result.dtype).toBe('float32');
          expect(given).not.toContain(result);
        }
        for (const tensor of given) expect(tensor.isDisposed).toBe(false);
        expect([...inputs.params.dataSync()]).toEqual(state.params);
        expect([...inputs.gradient.dataSync()]).toEqual([0.5, 0, -1]);
      });
    });

    it('is a function of its inputs, however many runs share it', () => {
      const paths = (optimizers: readonly Optimizer[]) => {
        let states = optimizers.map((optimizer, i) => fresh(optimizer, [1 + i, -2]));
        for (let step = 1; step <= 4; step++) {
          states = states.map((state, i) => update(optimizers[i]!, step, state, [i - 1, step]));
        }
        return states;
      };
      const shared = make();
      expect(paths([shared, shared, shared])).toEqual(paths([make(), make(), make()]));
    });

    it('moves nothing without a gradient where weights do not decay', () => {
      const optimizer = make();
      const { params } = update(optimizer, 1, fresh(optimizer, [1, -2, 0]), [0, 0, 0], 0);
      expect(params).toEqual([1, -2, 0]);
    });

    it('leaves no tensor behind', () => {
      const optimizer = make();
      const before = memory().numTensors;
      let state = fresh(optimizer, [1, -2]);
      for (let step = 1; step <= 5; step++) state = update(optimizer, step, state, [1, 1]);
      expect(memory().numTensors).toBe(before);
    });

    it('goes down a quadratic', () => {
      const optimizer = make();
      const curvatures = [10, 1];
      // Decay of weights, which would pull the minimum off, is masked out.
      let state = fresh(optimizer, [1, -1]);
      for (let step = 1; step <= 500; step++) {
        const gradient = state.params.map((value, i) => value * curvatures[i]!);
        state = update(optimizer, step, state, gradient, 0);
      }
      const loss = ({ params }: State) =>
        params.reduce((sum, value, i) => sum + (curvatures[i]! * value ** 2) / 2, 0);
      expect(loss(state)).toBeLessThan(1e-3 * loss(fresh(optimizer, [1, -1])));
    });
  });
}

const vector = (values: readonly number[]): Tensor1D => tensor1d([...values], 'float32');

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  convert: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, convert(value)]));
}
