import {
  add,
  argMax,
  cast,
  div,
  matMul,
  mean,
  mul,
  oneHot,
  relu,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  tensor,
  zerosLike,
} from '@tensorflow/tfjs-core';
import {
  conv2d,
  disposeTree,
  logSoftmax,
  toTensor,
  toTensors,
  valueAndGrad,
} from '@tweedie/autodiff';
import { createRng, hostArray } from '@tweedie/core';

/** Units of the last hidden layer, whose activations are the features. */
const FEATURES = 64;
const shapes = {
  first: [16, 1, 3, 3],
  firstBias: [16],
  second: [32, 16, 3, 3],
  secondBias: [32],
  dense: [7 * 7 * 32, FEATURES],
  denseBias: [FEATURES],
  last: [FEATURES, 10],
  lastBias: [10],
};

const halving = { stride: 2, padding: 1 };

function featuresOf(params, x) {
  const h = relu(conv2d(x, params.first, params.firstBias, halving));
  const g = relu(conv2d(h, params.second, params.secondBias, halving));
  return relu(add(matMul(reshape(g, [x.shape[0], 7 * 7 * 32]), params.dense), params.denseBias));
}

const logits = (params, features) => add(matMul(features, params.last), params.lastBias);

function initial(rng) {
  const entries = Object.entries(shapes).map(([name, shape]) => {
    const fanIn = shape.length === 4 ? shape[1] * 9 : shape.length === 2 ? shape[0] : Infinity;
    const { data } = rng.fork(name).normal(shape);
    return [
      name,
      hostArray(
        data.map((value) => value * Math.sqrt(2 / fanIn)),
        shape,
      ),
    ];
  });
  return toTensors(Object.fromEntries(entries));
}

/** A training step with Adam (Kingma & Ba 2015), of trees of tensors. */
function createStep() {
  const lossAndGradient = valueAndGrad((params, x, labels) => {
    const chosen = mul(logSoftmax(logits(params, featuresOf(params, x))), oneHot(labels, 10));
    return mul(mean(sum(chosen, -1)), -1);
  });
  return (state, x, labels, rate) => {
    const { value, grads } = lossAndGradient(state.params, x, labels);
    const next = { params: {}, mean: {}, square: {} };
    for (const name of Object.keys(shapes)) {
      next.mean[name] = add(mul(state.mean[name], 0.9), mul(grads[name], 0.1));
      next.square[name] = add(mul(state.square[name], 0.99), mul(square(grads[name]), 0.01));
      const step = mul(rate, next.mean[name]);
      const scaled = div(step, add(sqrt(next.square[name]), 1e-8));
      next.params[name] = sub(state.params[name], scaled);
    }
    return { state: next, loss: value };
  };
}

/**
 * Trains a small convolutional classifier of digits, whose last hidden layer gives the features.
 *
 * @param train the digits with labels
 * @returns `look` gives the features of images [n, 28, 28, 1] as rows, and the predicted classes
 */
export async function trainClassifier(backend, train, { steps = 800, batchSize = 128 } = {}) {
  const rng = createRng(11);
  const params = initial(rng.fork('initial'));
  const zeros = () => Object.fromEntries(Object.entries(params).map(([n, p]) => [n, zerosLike(p)]));
  let state = { params, mean: zeros(), square: zeros() };
  const step = backend.compile(createStep());
  const data = rng.fork('data');
  for (let i = 0; i < steps; i++) {
    const batch = train.batch(data, i, batchSize);
    const inputs = { x: toTensor(batch.x), labels: toTensor(batch.label) };
    const rate = tensor(1e-3 * 0.5 * (1 + Math.cos((Math.PI * i) / steps)));
    const result = await step(state, inputs.x, inputs.labels, rate);
    disposeTree([state, inputs, rate, result.loss]);
    state = result.state;
  }
  await step.dispose();
  const { params: trained, ...moments } = state;
  disposeTree(moments);
  const look = backend.compile((x) => {
    const features = featuresOf(trained, x);
    return { features, label: cast(argMax(logits(trained, features), -1), 'int32') };
  });
  return {
    /** @param images float32 [n · 28 · 28]; n a multiple of the batch, for one program */
    async look(images, itemsABatch = 250) {
      const itemSize = 28 * 28;
      const features = [];
      const labels = [];
      for (let first = 0; first * itemSize < images.length; first += itemsABatch) {
        const part = images.subarray(first * itemSize, (first + itemsABatch) * itemSize);
        const x = toTensor(hostArray(part, [part.length / itemSize, 28, 28, 1]));
        const seen = await look(x);
        const rows = await seen.features.data();
        for (let i = 0; i < x.shape[0]; i++) {
          features.push(rows.subarray(i * FEATURES, (i + 1) * FEATURES));
        }
        labels.push(...(await seen.label.data()));
        disposeTree([x, seen]);
      }
      return { features, labels };
    },
    async dispose() {
      await look.dispose();
      disposeTree(trained);
    },
  };
}

/** The share of labels that are right. */
export const accuracy = (labels, expected) =>
  labels.filter((label, i) => label === expected[i]).length / labels.length;
