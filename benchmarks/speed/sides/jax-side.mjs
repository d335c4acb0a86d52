// The side of jax-js: one jitted function for loss, gradient and Adam, on its WebAssembly device.
import { defaultDevice, init, jit, nn, numpy as np, valueAndGrad } from '@jax-js/jax';

await init('wasm');
defaultDevice('wasm');

function mlp({ widths, timeScale }, params, x, time) {
  let h = np.concatenate([x, time.mul(timeScale).reshape([-1, 1])], 1);
  for (let i = 0; i <= widths.length; i++) {
    if (i > 0) h = nn.silu(h);
    h = np.matmul(h, np.transpose(params[`layers.${i}.weight`])).add(params[`layers.${i}.bias`]);
  }
  return h;
}

export const side = {
  describe: () => ({
    packages: { 'jax-js': '@jax-js/jax' },
    // It shares work among web workers, which Node does not have.
    threads: typeof Worker === 'undefined' ? 1 : navigator.hardwareConcurrency,
    details: 'jit, wasm',
  }),

  async open(workload) {
    const { network, optimizer, params, batches } = workload;
    const array = ({ data, shape }) => np.array(data).reshape(shape);
    const parameters = [...params.values()].reduce((sum, { data }) => sum + data.length, 0);
    const initial = () =>
      Object.fromEntries([...params].map(([name, value]) => [name, array(value)]));
    if (workload.kind === 'sample') return { parameters, ...sampling(workload, initial(), array) };
    const { learningRate, beta1, beta2, epsilon } = optimizer;

    const lossAndGradient = valueAndGrad((weights, { x, noise, time, alpha, sigma }) => {
      const noisy = alpha
        .reshape([-1, 1])
        .mul(x)
        .add(sigma.reshape([-1, 1]).mul(noise.ref));
      return np.square(mlp(network.options, weights, noisy, time).sub(noise)).mean();
    });
    const update = jit((state, batch, stepSize, stepEpsilon) => {
      const next = { weights: {}, mean: {}, variance: {} };
      const weights = Object.fromEntries(
        Object.entries(state.weights).map(([name, weight]) => [name, weight.ref]),
      );
      const [loss, gradient] = lossAndGradient(weights, batch);
      for (const name of Object.keys(state.weights)) {
        const g = gradient[name];
        const mean = state.mean[name].mul(beta1).add(g.ref.mul(1 - beta1));
        const variance = state.variance[name].mul(beta2).add(np.square(g).mul(1 - beta2));
        next.mean[name] = mean.ref;
        next.variance[name] = variance.ref;
        next.weights[name] = state.weights[name].sub(
          stepSize.ref.mul(mean).div(np.sqrt(variance).add(stepEpsilon.ref)),
        );
      }
      stepSize.dispose();
      stepEpsilon.dispose();
      return { loss, next };
    });

    const zeros = () =>
      Object.fromEntries([...params].map(([name, { shape }]) => [name, np.zeros(shape)]));
    let state = {
      weights: initial(),
      mean: zeros(),
      variance: zeros(),
    };
    let count = 0;
    const train = async () => {
      const batch = batches[count % batches.length];
      count++;
      const root = Math.sqrt(1 - beta2 ** count);
      const { loss, next } = update(
        state,
        Object.fromEntries(Object.entries(batch).map(([name, value]) => [name, array(value)])),
        np.array((learningRate * root) / (1 - beta1 ** count)),
        np.array(epsilon * root),
      );
      state = next;
      return (await loss.data())[0];
    };
    return { parameters, step: train, number: train };
  },
};

function sampling({ network, level, arrays }, weights, array) {
  const [x, time] = ['x', 'time'].map((name) => array(arrays.get(name)));
  const denoise = jit((parameters, noisy, at) =>
    noisy.ref.sub(mlp(network.options, parameters, noisy, at).mul(level.sigma)).div(level.alpha),
  );
  const kept = () => Object.fromEntries(Object.entries(weights).map(([key, w]) => [key, w.ref]));
  const step = async () => {
    const denoised = denoise(kept(), x.ref, time.ref);
    return denoised.data();
  };
  const number = async () => {
    const data = await step();
    return data.reduce((sum, value) => sum + value * value, 0) / data.length;
  };
  return { step, number };
}
