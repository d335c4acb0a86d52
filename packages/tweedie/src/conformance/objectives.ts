import { setBackend } from '@tensorflow/tfjs-core';
import { disposeTree, toHost, toTensor, toTensors, valueAndGrad } from '@tweedie/autodiff';
import {
  type AnyFactory,
  type Backend,
  createRng,
  type FloatArray,
  type Loss,
  type Params,
  scorePrediction,
  type TensorBatch,
  type TensorDraws,
} from '@tweedie/core';
import { gaussianMixture } from '@tweedie/data';
import {
  denoisingScoreMatching,
  explicitScoreMatching,
  implicitScoreMatching,
  losses,
  simpleLoss,
  slicedScoreMatching,
} from '@tweedie/losses';
import { mlp } from '@tweedie/networks';
import { geometric } from '@tweedie/schedules';

export interface Objective {
  readonly name: string;
  readonly loss: Loss;
}

const annealed = { noise: 'schedule', projections: 2 } as const;

/** Settings that take different paths. */
const settings: readonly Objective[] = [
  { name: 'L_simple', loss: simpleLoss() },
  { name: 'ESM', loss: explicitScoreMatching() },
  { name: 'ISM, exact trace', loss: implicitScoreMatching() },
  { name: "ISM, Hutchinson's probes", loss: implicitScoreMatching({ trace: 'hutchinson' }) },
  { name: 'SSM', loss: slicedScoreMatching({ varianceReduction: false, projection: 'sphere' }) },
  { name: 'SSM-VR', loss: slicedScoreMatching() },
  { name: 'SSM-VR, annealed', loss: slicedScoreMatching(annealed) },
  { name: 'SSM, finite differences', loss: slicedScoreMatching({ finiteDifference: 0.1 }) },
  { name: 'DSM', loss: denoisingScoreMatching() },
];

/** Every training objective: in these settings, or as it comes where the list has a loss without any. */
export const objectives: readonly Objective[] = [
  ...settings,
  ...losses
    .filter(({ id }) => settings.every(({ loss }) => loss.name !== id))
    .map((factory: AnyFactory<Loss>) => ({ name: factory.id, loss: factory() })),
];

/** Where a wrong second derivative would show. */
export const objectiveActivations = ['tanh', 'silu', 'softplus'] as const;

/** A loss of a small score network and its gradient, as a backend computes them. */
export async function lossAndGradient(
  { loss }: Objective,
  activation: (typeof objectiveActivations)[number],
  backend: Backend,
): Promise<FloatArray[]> {
  await setBackend(backend.tensorBackend);
  const network = mlp({ widths: [8, 8], activation, timeEmbedding: 'raw', timeScale: 0.2 });
  const schedule = geometric({ steps: 5, sigmaMin: 0.1, sigmaMax: 2 });
  const model = { network, parameterization: scorePrediction(), schedule };
  const batch = gaussianMixture().batch(createRng(1), 0, 16);
  const inputs = {
    params: toTensors(network.init(createRng(2))),
    batch: { x: toTensor(batch.x) },
    draws: toTensors(loss.draw(model, batch, createRng(3))),
  };
  const compiled = backend.compile((params: Params, x: TensorBatch, draws: TensorDraws) =>
    valueAndGrad((p: Params) => loss.value(model, p, x, draws))(params),
  );
  try {
    const { value, grads } = await compiled(inputs.params, inputs.batch, inputs.draws);
    const tensors = [value, ...Object.keys(inputs.params).map((name) => grads[name]!)];
    const hosts = await Promise.all(tensors.map((tensor) => toHost(tensor)));
    disposeTree(tensors);
    return hosts as FloatArray[];
  } finally {
    disposeTree(inputs);
    await compiled.dispose();
  }
}
