// Plain tfjs, eager, on one of its backends.
import * as tf from '@tensorflow/tfjs-core';
import { losses } from './tfjs-losses.mjs';
import { mlp, tfjsLayout, unet2d } from './tfjs-networks.mjs';

/** @param threads as many as the backend uses */
export const createSide = (backend, { threads }) => ({
  async describe() {
    await tf.setBackend(backend);
    const simd = backend === 'wasm' && (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'));
    return {
      versions: { tfjs: tf.version_core },
      threads,
      details: `eager, ${backend}${simd ? ' with SIMD' : ''}`,
    };
  },

  async open(workload) {
    const { network, loss, optimizer, emaRate, batches, params } = workload;
    const tensor = ({ data, shape }) => tf.tensor(data, shape);
    const apply = { mlp, unet2d }[network.name](network.options);
    const weights = Object.fromEntries(
      [...params].map(([name, value]) => [
        name,
        tf.tidy(() => tf.variable(tfjsLayout(name, tensor(value)))),
      ]),
    );
    const parameters = Object.values(weights).reduce((sum, { size }) => sum + size, 0);

    if (workload.kind === 'sample') {
      const x = tensor(workload.arrays.get('x'));
      const time = tensor(workload.arrays.get('time'));
      const { alpha, sigma } = workload.level;
      const denoise = () =>
        tf.tidy(() => tf.div(tf.sub(x, tf.mul(apply(weights, x, time), sigma)), alpha));
      return {
        parameters,
        async step() {
          const denoised = denoise();
          await denoised.data();
          denoised.dispose();
        },
        async number() {
          const square = tf.tidy(() => tf.mean(tf.square(denoise())));
          const [value] = await square.data();
          square.dispose();
          return value;
        },
      };
    }

    const { learningRate, beta1, beta2, epsilon, weightDecay } = optimizer;
    const adam = tf.train.adam(learningRate, beta1, beta2, epsilon);
    const averages =
      emaRate === null ? [] : Object.values(weights).map((w) => [tf.variable(w.clone()), w]);
    const objective = losses[loss.name];
    let count = 0;
    const train = async () => {
      const batch = batches[count++ % batches.length];
      const result = tf.tidy(() => {
        const tensors = Object.fromEntries(
          Object.entries(batch).map(([name, value]) => [name, tensor(value)]),
        );
        const model = (x, time) => apply(weights, x, time);
        const { value, grads } = tf.variableGrads(() => objective(model, tensors, loss.options));
        if (weightDecay > 0) {
          for (const w of Object.values(weights).filter(({ rank }) => rank >= 2)) {
            w.assign(tf.mul(w, 1 - learningRate * weightDecay));
          }
        }
        adam.applyGradients(grads);
        for (const [average, w] of averages) {
          average.assign(tf.add(average, tf.mul(tf.sub(w, average), emaRate)));
        }
        return value;
      });
      const [value] = await result.data();
      result.dispose();
      return value;
    };
    return { parameters, step: train, number: train };
  },
});
