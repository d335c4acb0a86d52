import '@tensorflow/tfjs-backend-cpu';
import { sum, tensor1d } from '@tensorflow/tfjs-core';
import { expectNoLeak, toTensors, valueAndGrad } from '@tweedie/autodiff';
import { createRng } from '@tweedie/core';
import { timestepEmbeddingGolden } from '@tweedie/testing';
import { describe, expect, it } from 'vitest';
import { collectDeclarations } from '../kit/declaration.js';
import { gaussianFourier, sinusoidal } from './time-features.js';

describe('sinusoidal', () => {
  const { time, embeddings } = timestepEmbeddingGolden;

  it.each(embeddings)(
    'has the numbers of get_timestep_embedding: $size, $flipSinToCos, $freqShift',
    async ({ values, ...spec }) => {
      const features = sinusoidal(spec)(tensor1d([...time]));
      expect(features.shape).toEqual([time.length, spec.size]);
      const data = await features.data();
      values.forEach((value, i) => {
        // Both sides round phases to float32: half a unit each in the frequency and the product.
        const phase = time[Math.floor(i / spec.size)]!;
        expect(Math.abs(data[i]! - value)).toBeLessThan(2e-7 * (1 + phase));
      });
    },
  );

  it('refuses a size that leaves no frequency', () => {
    expect(() => sinusoidal({ size: 1 })).toThrow('size of at least 2');
    expect(() => sinusoidal({ size: 2, freqShift: 1 })).toThrow('whose half is not the shift');
  });
});

describe('gaussianFourier', () => {
  const declare = (of: 'time' | 'logarithm') =>
    collectDeclarations((scope) =>
      gaussianFourier(scope.within('time_proj'), { frequencies: 3, scale: 2, of }),
    );

  it.each(['time', 'logarithm'] as const)('is sin and cos of 2πW %s', async (of) => {
    const { forward, init } = declare(of);
    const host = init(createRng(4));
    const weights = Array.from(host['time_proj.weight']!.data);
    const time = [0.5, 1.25];
    const data = await forward(toTensors(host), tensor1d(time)).data();
    const expected = time.flatMap((t) => {
      const phases = weights.map((w) => 2 * Math.PI * w * (of === 'time' ? t : Math.log(t)));
      return [...phases.map(Math.sin), ...phases.map(Math.cos)];
    });
    expected.forEach((value, i) => {
      expect(data[i]).toBeCloseTo(value, 5);
    });
  });

  it('does not train its frequencies', async () => {
    const { forward, init } = declare('time');
    const params = toTensors(init(createRng(4)));
    const time = tensor1d([0.3, 0.7]);
    const { grads } = valueAndGrad((p) => sum(forward(p, time)))(params);
    expect(Array.from(await grads['time_proj.weight']!.data())).toEqual([0, 0, 0]);
    const ofTime = valueAndGrad(({ t }) => sum(forward(params, t!)))({ t: time }).grads.t!;
    for (const value of await ofTime.data()) expect(Math.abs(value)).toBeGreaterThan(0.1);
  });

  it('leaks nothing but its result', async () => {
    const { forward, init } = declare('time');
    const params = toTensors(init(createRng(4)));
    const time = tensor1d([0.3, 0.7]);
    await expectNoLeak(() => {
      const { value, grads } = valueAndGrad((p) => sum(forward(p, time)))(params);
      value.dispose();
      grads['time_proj.weight']!.dispose();
    });
  });
});
