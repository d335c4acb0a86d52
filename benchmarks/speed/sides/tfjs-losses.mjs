// The objectives of the benchmark in plain tfjs, as a user of it writes them: each takes the model,
// called with x and the time, one batch, and the loss's options.
//
// tfjs's second derivatives are right for softplus, which the score networks of the benchmark have.
// For SiLU and tanh they are wrong or throw.
import * as tf from '@tensorflow/tfjs-core';

const sumItems = (x) => tf.sum(x, 1);
const halfSquare = (s) => tf.mul(sumItems(tf.square(s)), 0.5);
const perItem = (values, x) => tf.reshape(values, [-1, ...Array(x.rank - 1).fill(1)]);
const noised = (x, sigma, noise) => tf.add(x, tf.mul(perItem(sigma, x), noise));
/** One projection an item: [B, 1, D] to [B, D]. */
const only = (projection) => tf.squeeze(projection, [1]);

/** s(x) and vᵀ∇s(x)v of each row. */
function directional(score, x, v) {
  const { value, grad } = tf.valueAndGrad(score)(x, v);
  return { s: value, curvature: sumItems(tf.mul(grad, v)) };
}

function simple(model, { x, noise, time, alpha, sigma }) {
  const noisy = tf.add(tf.mul(perItem(alpha, x), x), tf.mul(perItem(sigma, x), noise));
  return tf.mean(tf.square(tf.sub(model(noisy, time), noise)));
}

function explicit(model, { x, target }) {
  return tf.mean(halfSquare(tf.sub(model(x), target)));
}

function implicit(model, { x, projection }, { trace }) {
  if (trace === 'hutchinson') {
    const { s, curvature } = directional(model, x, only(projection));
    return tf.mean(tf.add(curvature, halfSquare(s)));
  }
  let loss = halfSquare(model(x));
  for (let i = 0; i < x.shape[1]; i++) {
    // By tiling: oneHot on the wasm backend fills floats with the bits of whole numbers.
    const axis = tf.tile(tf.slice(tf.eye(x.shape[1]), [i, 0], [1, -1]), [x.shape[0], 1]);
    loss = tf.add(loss, directional(model, x, axis).curvature);
  }
  return tf.mean(loss);
}

function sliced(model, batch, { noise, power, varianceReduction, finiteDifference }) {
  const v = only(batch.projection);
  const x = noise === 'schedule' ? noised(batch.x, batch.sigma, batch.noise) : batch.x;
  const score = (at) => model(at, batch.time);
  const { s, curvature } =
    finiteDifference === null
      ? directional(score, x, v)
      : difference(score, x, v, finiteDifference);
  const square = varianceReduction ? halfSquare(s) : tf.mul(tf.square(sumItems(tf.mul(s, v))), 0.5);
  const loss = tf.add(curvature, square);
  return tf.mean(noise === 'schedule' ? tf.mul(loss, tf.pow(batch.sigma, power)) : loss);
}

/** The same as `directional` from differences of a step ε. */
function difference(score, x, v, epsilon) {
  const step = tf.mul(v, epsilon);
  const [above, below] = [score(tf.add(x, step)), score(tf.sub(x, step))];
  const s = tf.mul(tf.add(above, below), 0.5);
  return { s, curvature: tf.div(sumItems(tf.mul(tf.sub(above, below), v)), 2 * epsilon) };
}

function denoising(model, { x, noise, time, sigma }, { power }) {
  const s = model(noised(x, sigma, noise), time);
  const target = tf.neg(tf.div(noise, perItem(sigma, x)));
  return tf.mean(tf.mul(halfSquare(tf.sub(s, target)), tf.pow(sigma, power)));
}

export const losses = {
  simple,
  'explicit-score-matching': explicit,
  'implicit-score-matching': implicit,
  'sliced-score-matching': sliced,
  'denoising-score-matching': denoising,
};
