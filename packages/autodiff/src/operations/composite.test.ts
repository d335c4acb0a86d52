import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { measureLeaks } from '../host/leaks.js';
import { valueAndGrad } from '../index.js';
import { attention } from './attention.js';
import { type Composite, runComposite } from './composite.js';
import { conv2d } from './conv2d.js';
import { groupNorm } from './group-norm.js';
import { upsampleNearest } from './upsample-nearest.js';

const doubled = (): Composite<{ x: tf.Tensor }, { times: number }> => ({
  kernelName: 'TweedieTestDouble',
  decompose: vi.fn(({ x }, { times }) => tf.mul(tf.add(x, x), times)),
});

describe('a composite', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    tf.unregisterKernel('TweedieTestDouble', 'cpu');
  });

  it('runs its decomposition where the backend has no such kernel, registered once', () => {
    tf.tidy(() => {
      const composite = doubled();
      const warned = vi.spyOn(console, 'warn').mockReturnValue();
      const run = () => runComposite(composite, { x: tf.scalar(3) }, { times: 5 }).dataSync()[0];
      expect([run(), run()]).toEqual([30, 30]);
      expect(composite.decompose).toHaveBeenCalledTimes(2);
      expect(warned.mock.calls.flat().join()).not.toMatch(/already registered/);
    });
  });

  it('runs the kernel of a backend that has one', () => {
    tf.registerKernel({
      kernelName: 'TweedieTestDouble',
      backendName: 'cpu',
      kernelFunc: () => tf.scalar(-1),
    });
    tf.tidy(() => {
      const composite = doubled();
      expect(runComposite(composite, { x: tf.scalar(3) }, { times: 5 }).dataSync()[0]).toBe(-1);
      expect(composite.decompose).not.toHaveBeenCalled();
    });
  });

  it('leaves no tensor but its result', async () => {
    const x = tf.scalar(3);
    const { tensors } = await measureLeaks(() => runComposite(doubled(), { x }, { times: 5 }));
    expect(tensors).toBe(1);
  });
});

/** What compiling backends lower: kernel names, inputs and attributes are a contract with them. */
describe('the kernels of the composites', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** Runs a function in both orders and lists every call of a composite's kernel. */
  function calls(f: (params: Readonly<Record<string, tf.Tensor>>) => tf.Tensor, shapes: object) {
    const params = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [name, tf.ones(shape as number[])]),
    );
    const twice = () =>
      tf.tidy(() => {
        const first = valueAndGrad((p) => tf.sum(tf.square(f(p))));
        valueAndGrad((p) =>
          tf.addN(Object.values(first(p).grads).map((g) => tf.sum(tf.square(g)))),
        )(params);
      });
    twice();
    const kernels = tf
      .getKernelsForBackend('cpu')
      .filter(({ kernelName }) => kernelName.startsWith('Tweedie'));
    const spies = kernels.map((kernel) => vi.spyOn(kernel, 'kernelFunc'));
    twice();
    tf.dispose(params);
    return kernels
      .flatMap(({ kernelName }, i) =>
        spies[i]!.mock.calls.map(([{ inputs, attrs }]) => {
          const shapesOf = Object.entries(inputs).map(([name, t]) => [name, t!.shape]);
          return { kernelName, inputs: Object.fromEntries(shapesOf), attrs };
        }),
      )
      .filter(
        (call, i, all) => all.findIndex((c) => JSON.stringify(c) === JSON.stringify(call)) === i,
      );
  }

  it('of conv2d', () => {
    const x = [2, 5, 4, 3];
    const filter = [6, 3, 3, 3];
    // ⌊(5 + 1 − 3) / 2⌋ + 1 rows, ⌊(4 + 1 − 3) / 2⌋ + 1 columns.
    const dy = [2, 2, 2, 6];
    const attrs = { strides: [2, 2], padding: [0, 1, 0, 1], dilations: [1, 1] };
    const found = calls(({ x, w, b }) => conv2d(x!, w!, b!, { stride: 2, padding: [0, 1, 0, 1] }), {
      x,
      w: filter,
      b: [6],
    });
    expect(found).toEqual(
      expect.arrayContaining([
        { kernelName: 'TweedieConv2D', inputs: { x, filter, bias: [6] }, attrs },
        { kernelName: 'TweedieConv2D', inputs: { x, filter }, attrs },
        {
          kernelName: 'TweedieConv2DInputGrad',
          inputs: { dy, filter },
          attrs: { inputShape: x, ...attrs },
        },
        {
          kernelName: 'TweedieConv2DFilterGrad',
          inputs: { x, dy },
          attrs: { filterShape: filter, ...attrs },
        },
      ]),
    );
    expect(found).toHaveLength(4);
  });

  it('of groupNorm', () => {
    const [x, scale, offset] = [[2, 3, 4], [4], [4]];
    const attrs = { groups: 2, epsilon: 1e-5, activation: 'silu' };
    expect(
      calls(({ x, s, o }) => groupNorm(x!, s!, o!, { groups: 2, activation: 'silu' }), {
        x,
        s: scale,
        o: offset,
      }),
    ).toEqual([
      { kernelName: 'TweedieGroupNorm', inputs: { x, scale, offset }, attrs },
      { kernelName: 'TweedieGroupNormGrad', inputs: { x, scale, offset, dy: x }, attrs },
    ]);
  });

  it('of upsampleNearest', () => {
    const x = [1, 2, 3, 4];
    const dy = [1, 6, 9, 4];
    expect(calls(({ x }) => upsampleNearest(x!, 3), { x })).toEqual([
      { kernelName: 'TweedieUpsampleNearest', inputs: { x }, attrs: { factor: 3 } },
      { kernelName: 'TweedieUpsampleNearestGrad', inputs: { dy }, attrs: { factor: 3 } },
    ]);
  });

  it('of attention', () => {
    const [q, k, v, dy] = [
      [2, 3, 4],
      [2, 5, 4],
      [2, 5, 4],
      [2, 3, 4],
    ];
    expect(calls((p) => attention(p.q!, p.k!, p.v!), { q, k, v })).toEqual([
      { kernelName: 'TweedieAttention', inputs: { q, k, v }, attrs: { scale: 0.5 } },
      { kernelName: 'TweedieAttentionGrad', inputs: { q, k, v, dy }, attrs: { scale: 0.5 } },
    ]);
  });
});
