import {
  add,
  clone,
  fill,
  mul,
  reshape,
  type Tensor,
  type Tensor1D,
  tidy,
  tile,
} from '@tensorflow/tfjs-core';
import {
  type Coefficients,
  type Network,
  type Operand,
  type Params,
  TweedieError,
} from '@tweedie/core';

/**
 * D = c_skip x + c_out F(c_in x; c_noise), the estimate of the data that a network's output F stands
 * for: Karras et al. (2022), equation 7, for any parameterization. A pure function of its tensors, so
 * it compiles, exports and differentiates. A coefficient given as a number becomes a constant, and
 * one that changes nothing (a factor of 1, c_skip = 0) leaves no operation.
 *
 * @param x [B, ...itemShape]
 * @param coefficients numbers, or tensors of one element
 * @param label int32 [B], where the network has classes
 * @returns of x's shape
 * @throws TweedieError INVALID_SHAPE when the network's output is not of x's shape
 */
export function denoiseWith(
  network: Network,
  params: Params,
  x: Tensor,
  coefficients: Coefficients<Operand<Tensor>>,
  label?: Tensor1D | undefined,
): Tensor {
  return tidy(() => {
    const { skip, out, in: scale, noise } = coefficients;
    const time = perItem(noise, x.shape[0]!);
    const predicted = network.apply(params, scaled(x, scale), { time, label });
    if (predicted.shape.join() !== x.shape.join()) {
      throw new TweedieError({
        code: 'INVALID_SHAPE',
        package: 'denoisers',
        given: `the network ${network.name} makes [${predicted.shape.join(', ')}] of [${x.shape.join(', ')}]`,
        allowed: 'a prediction of the shape of x',
      });
    }
    // The result is the caller's to dispose, also of a network that gives back what it was given.
    const output = scaled(predicted === x ? clone(x) : predicted, out);
    return skip === 0 ? output : add(scaled(x, skip), output);
  });
}

function scaled(x: Tensor, factor: Operand<Tensor>): Tensor {
  return factor === 1 ? x : mul(x, factor);
}

function perItem(value: Operand<Tensor>, items: number): Tensor1D {
  return typeof value === 'number' ? fill([items], value) : tile(reshape(value, [1]), [items]);
}
