import { add, fill, mul, scalar } from '@tensorflow/tfjs-core';
import { disposeTree, toTensors } from '@tweedie/autodiff';
import { quantize } from '@tweedie/backend-onnx';

/**
 * The denoiser of a model with its convolutions in int8, calibrated on the first images that it is
 * given. That is enough to measure time; for quality see docs/int8.md.
 */
export function createInt8Denoiser({ model: { network, parameterization }, params, backend }) {
  const weights = toTensors(params);
  const denoise = (x, coefficients) => {
    const time = mul(fill([x.shape[0]], 1), coefficients.noise);
    const predicted = network.apply(weights, mul(x, coefficients.in), { time });
    return add(mul(x, coefficients.skip), mul(predicted, coefficients.out));
  };
  let compiled;
  return async (x, level) => {
    const coefficients = Object.fromEntries(
      Object.entries(parameterization.coefficients(level)).map(([name, value]) => [
        name,
        scalar(value),
      ]),
    );
    compiled ??= backend.compile(await quantize(denoise, { calibration: [[x, coefficients]] }));
    const denoised = await compiled(x, coefficients);
    disposeTree(coefficients);
    return denoised;
  };
}
