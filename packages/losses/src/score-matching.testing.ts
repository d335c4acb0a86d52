import { add, matMul, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import { disposeTree, toTensor, toTensors, valueAndGrad } from '@tweedie/autodiff';
import {
  type Batch,
  type Draws,
  floats,
  type HostParams,
  type Loss,
  type Model,
  type Network,
  type Params,
  type Schedule,
  scorePrediction,
} from '@tweedie/core';
import { geometric } from '@tweedie/schedules';

/** A model whose network is the score itself, conditioned on nothing. */
export function scoreModel(
  network: Pick<Network, 'apply'> & Partial<Network>,
  schedule: Schedule = geometric({ steps: 1, sigmaMin: 0.1, sigmaMax: 0.3 }),
): Model {
  return {
    network: { name: 'test', config: {}, itemShape: [2], init: () => ({}), ...network },
    parameterization: scorePrediction(),
    schedule,
  };
}

/** s(x) = −Ax + b with the parameters A [2, 2] and b [2]. */
export const linearScore: Pick<Network, 'apply'> = {
  apply: (params, x) =>
    add(matMul(x as never, params.negativeA as never, false, true), params.b!) as Tensor,
};
export function linearParams(a: readonly number[], b: readonly number[] = [0, 0]): HostParams {
  return {
    negativeA: floats(
      a.map((value) => -value),
      [2, 2],
    ),
    b: floats(b),
  };
}

/** Value and gradient of a loss on given draws. */
export async function evaluate(
  loss: Loss,
  model: Model,
  batch: Batch,
  draws: Draws,
  host: HostParams = {},
): Promise<{ value: number; grads: Readonly<Record<string, Float32Array>> }> {
  const label = batch.label && (toTensor(batch.label) as Tensor1D);
  const tensors = { x: toTensor(batch.x), label };
  const drawn = toTensors(draws);
  const params = toTensors(host);
  const result = valueAndGrad((p: Params) => loss.value(model, p, tensors, drawn))(params);
  const [value] = await result.value.data();
  const grads: Record<string, Float32Array> = {};
  for (const [name, grad] of Object.entries(result.grads)) {
    grads[name] = Float32Array.from(await grad.data());
  }
  disposeTree({ tensors, drawn, params, result });
  return { value: value!, grads };
}
