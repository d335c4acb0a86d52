// The side of plain tfjs, eager, on its backend 'cpu' or 'wasm'. It is bundled before it runs,
// because Node refuses tfjs-core's gradients as they are published.
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import '@tensorflow/tfjs-backend-cpu';
import { join } from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { serve } from './serve.mjs';
import { losses } from './tfjs-losses.mjs';
import { mlp, tfjsLayout, unet2d } from './tfjs-networks.mjs';

const [backend, wasmFolder] = process.argv.slice(2);
if (backend === 'wasm') setWasmPaths(join(wasmFolder, '/'));
tf.setBackend(backend);
const ready = tf.ready();

serve({
  async describe() {
    await ready;
    const simd = backend === 'wasm' && (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'));
    return {
      versions: { tfjs: tf.version_core },
      threads: 1,
      details: `eager, ${backend}${simd ? ' with SIMD' : ''}`,
    };
  },

  async open(workload) {
    await ready;
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
