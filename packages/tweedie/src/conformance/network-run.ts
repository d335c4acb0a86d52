import { setBackend } from '@tensorflow/tfjs-core';
import { disposeTree, toHost, toTensor } from '@tweedie/autodiff';
import {
  type AnyFactory,
  type Backend,
  createRng,
  type FloatArray,
  floats,
  ints,
  type Network,
  noisePrediction,
  type Rng,
} from '@tweedie/core';
import { createDenoiser } from '@tweedie/denoisers';
import { simpleLoss } from '@tweedie/losses';
import { mlp, networks, refinenet, refinenetV2, unet2d } from '@tweedie/networks';
import { linear } from '@tweedie/schedules';
import { train } from '@tweedie/training';

const small = { sampleSize: 6, channels: 1, ngf: 8, multipliers: [1, 2, 2], dilations: [1, 1, 2] };

/** Small networks of the kinds that are large as they come. */
const smallNetworks: readonly (readonly [string, Network])[] = [
  ['MLP', mlp({ widths: [16], classes: 3 })],
  [
    'U-Net',
    unet2d({
      sampleSize: 6,
      inChannels: 1,
      outChannels: 1,
      blockOutChannels: [8, 16],
      downBlockTypes: ['DownBlock2D', 'AttnDownBlock2D'],
      upBlockTypes: ['AttnUpBlock2D', 'UpBlock2D'],
      layersPerBlock: 1,
      normNumGroups: 4,
      dropout: 0.1,
    }),
  ],
  ['RefineNet of NCSN', refinenet({ ...small, levels: 1000 })],
  ['RefineNet of NCSNv2', refinenetV2(small)],
];

/** A network of each kind: a small one, or as it comes where the list has one without settings here. */
export const conformanceNetworks: readonly (readonly [string, Network])[] = [
  ...smallNetworks,
  ...networks
    .filter(({ id }) => smallNetworks.every(([, { name }]) => name !== id))
    .map((factory: AnyFactory<Network>) => [factory.id, factory()] as const),
];

/** Two steps of training, then one look through the denoiser. */
export async function trainTwice(network: Network, backend: Backend) {
  await setBackend(backend.tensorBackend);
  const model = { network, parameterization: noisePrediction(), schedule: linear() };
  const data = {
    name: 'noise',
    config: {},
    itemShape: network.itemShape,
    size: Number.POSITIVE_INFINITY,
    classes: 3,
    batch: (stream: Rng, step: number, size: number) => ({
      x: stream.fork(step).normal([size, ...network.itemShape]),
      label: ints(Array.from({ length: size }, (_, i) => i % 3)),
    }),
  };
  const options = { steps: 2, batchSize: 4, learningRate: 1e-3 };
  const training = train({ model, loss: simpleLoss(), data, backend, options });
  let loss = 0;
  for await (const record of training) loss = record.loss;
  const params = await training.weights('ema');
  const label = (network.classes ?? 0) > 0 ? { label: 1 } : {};
  const denoiser = createDenoiser({ model, params, backend, ...label });
  const x = toTensor(
    createRng(11)
      .fork('x')
      .normal([2, ...network.itemShape]),
  );
  const denoised = await denoiser(x, { t: 500, alpha: 0.8, sigma: 0.6 });
  const samples = (await toHost(denoised)) as FloatArray;
  disposeTree([x, denoised]);
  await denoiser.dispose();
  await training.dispose();
  return { loss, samples: floats(samples.data, samples.shape) };
}
