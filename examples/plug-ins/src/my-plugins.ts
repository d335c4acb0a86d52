import { add, matMul, mul, reshape, sign, sub, tidy } from '@tensorflow/tfjs-core';
import {
  checkedTime,
  defineFactory,
  defineParameterization,
  type Grid,
  integer,
  type Loss,
  levelAt,
  type Network,
  number,
  type Optimizer,
  type Schedule,
  timeRange,
} from '@tweedie/core';
import { finiteDataset } from '@tweedie/data';
import { defineWeighting, simpleLoss } from '@tweedie/losses';
import { defineSampler, weightedSum } from '@tweedie/samplers';
import { defineConfig } from 'tweedie';

// One plug-in of each kind, as small as they get, and a recipe of all of them. Written as outside this
// repository: all that is imported is public.

const sampler = defineSampler({
  owner: 'my-plugins',
  id: 'my-sampler',
  doc: 'DDIM without noise',
  options: { shrink: number({ default: 1, above: 0, doc: 'scales the estimate' }) },
  rule:
    ({ shrink }) =>
    async ({ x, from, to, denoise }) => {
      const denoised = await denoise(x, from);
      const ratio = to.sigma / from.sigma;
      const next = weightedSum([
        [ratio, x],
        [shrink * (to.alpha - ratio * from.alpha), denoised],
      ]);
      return { denoised, x: next };
    },
});

const schedule = defineFactory({
  owner: 'my-plugins',
  id: 'my-schedule',
  doc: 'a quarter of a circle',
  options: {},
  create: (): Pick<Schedule, 'time' | 'alpha' | 'sigma'> => {
    const time = { kind: 'continuous', start: 0.01, end: 0.99 } as const;
    const angle = (t: number) => (checkedTime('my-schedule', time, t) * Math.PI) / 2;
    return { time, alpha: (t) => Math.cos(angle(t)), sigma: (t) => Math.sin(angle(t)) };
  },
});

const loss = defineFactory({
  owner: 'my-plugins',
  id: 'my-loss',
  doc: 'twice the simple loss',
  options: {},
  create: (): Pick<Loss, 'draw' | 'value'> => {
    const simple = simpleLoss();
    return {
      draw: (model, batch, rng) => simple.draw(model, batch, rng),
      value: (...inputs) => tidy(() => mul(simple.value(...inputs), 2)),
    };
  },
});

const weighting = defineWeighting({
  owner: 'my-plugins',
  id: 'my-weighting',
  doc: 'all levels alike',
  options: {},
  weight: () => 1,
});

const network = defineFactory({
  owner: 'my-plugins',
  id: 'my-network',
  doc: 'an affine map of point and time',
  options: { features: integer({ default: 2, min: 1, doc: 'numbers a point has' }) },
  create: ({ features }): Pick<Network, 'itemShape' | 'init' | 'apply'> => ({
    itemShape: [features],
    init: (rng) => ({
      weight: rng.fork('weight').normal([features, features]),
      time: rng.fork('time').normal([1, features]),
    }),
    apply: (params, x, { time }) =>
      tidy(() =>
        add(
          matMul(x as never, params.weight as never),
          matMul(reshape(time, [-1, 1]), params.time as never),
        ),
      ),
  }),
});

const data = defineFactory({
  owner: 'my-plugins',
  id: 'my-data',
  doc: 'four corners',
  options: {},
  create: () =>
    finiteDataset({
      itemShape: [2],
      size: 4,
      classes: 0,
      write: (index, out, at) => out.set([index < 2 ? 1 : -1, index % 2 === 0 ? 1 : -1], at),
    }),
});

const optimizer = defineFactory({
  owner: 'my-plugins',
  id: 'my-optimizer',
  doc: 'goes along the sign of the gradient',
  options: {},
  create: (): Pick<Optimizer, 'slots' | 'scalars' | 'update'> => ({
    slots: [],
    scalars: (_step, learningRate) => ({ learningRate }),
    update: ({ params, gradient, scalars }) => ({
      params: sub(params, mul(sign(gradient), scalars.learningRate!)),
      slots: {},
    }),
  }),
});

const parameterization = defineParameterization({
  owner: 'my-plugins',
  id: 'my-parameterization',
  doc: 'half of the way to the data',
  options: {},
  coefficients: ({ t }) => ({ skip: 0.5, out: 0.5, in: 1, noise: t }),
});

const grid = defineFactory({
  owner: 'my-plugins',
  id: 'my-grid',
  doc: 'three steps',
  options: {},
  create: (): Pick<Grid, 'levels'> => ({
    levels: (schedule) => {
      const [start, end] = timeRange(schedule);
      return [0.9, 0.6, 0.3, 0.05].map((share) => levelAt(schedule, start + share * (end - start)));
    },
  }),
});

export default defineConfig({
  plugins: {
    sampler: [sampler],
    schedule: [schedule],
    loss: [loss],
    weighting: [weighting],
    network: [network],
    data: [data],
    optimizer: [optimizer],
    parameterization: [parameterization],
    grid: [grid],
  },
  recipes: [
    {
      id: 'my-recipe',
      doc: 'all of the above',
      config: {
        recipe: 'my-recipe',
        data: { name: 'my-data', options: {} },
        network: { name: 'my-network', options: {} },
        schedule: { name: 'my-schedule', options: {} },
        parameterization: { name: 'noise', options: {} },
        loss: { name: 'my-loss', options: {} },
        optimizer: { name: 'my-optimizer', options: {} },
        training: { steps: 4, batchSize: 4 },
        sampling: {
          sampler: { name: 'my-sampler', options: {} },
          grid: { name: 'trailing', options: { steps: 3 } },
          batchSize: 4,
        },
      },
    },
  ],
});
