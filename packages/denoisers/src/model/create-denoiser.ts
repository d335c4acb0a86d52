import { type Tensor, tidy } from '@tensorflow/tfjs-core';
import { createParameterLayout, type ParameterLayout, toTensor } from '@tweedie/autodiff';
import { type Backend, type HostParams, type Model, TweedieError } from '@tweedie/core';
import type { DisposableDenoiser } from '../disposable-denoiser.js';
import { checkLabel, type Label } from './labels.js';
import { type DenoiserArguments, denoiserFunction, modelDenoiser } from './model-denoiser.js';

/** Named values in plain memory; or a flat tensor of a layout, which stays the caller's. */
type ParameterSource =
  | { readonly params: HostParams; readonly layout?: undefined }
  | { readonly params: Tensor; readonly layout: ParameterLayout };

export type DenoiserOptions = ParameterSource & {
  readonly model: Model;
  /** Compiles the network; without it tfjs runs it operation by operation. */
  readonly backend?: Backend | undefined;
  /** The class to denoise towards: one for all items, or one for each, int32 [B]. */
  readonly label?: Label | undefined;
};

/**
 * The denoiser of a trained model, D = c_skip x + c_out F(c_in x; c_noise). The level enters as
 * tensors, so that one compiled program serves every level of a batch size.
 *
 * @throws TweedieError INVALID_SHAPE when the flat tensor does not fit its layout; INVALID_VALUE when
 * the network has classes and there is no label, has none and there is one, or a label is not among
 * them
 */
export function createDenoiser(options: DenoiserOptions): DisposableDenoiser {
  const { model, backend, label } = options;
  checkLabel(label, model.network);
  const layout = options.layout ?? createParameterLayout(options.params);
  const own = options.layout === undefined ? toTensor(layout.pack(options.params)) : undefined;
  const flat = own ?? (options.params as Tensor);
  if (flat.shape.join() !== String(layout.size)) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'denoisers',
      given: `the parameters have the shape [${flat.shape.join(', ')}]`,
      allowed: `[${layout.size}], all parameters of the layout`,
    });
  }

  const denoise = denoiserFunction(model, layout);
  // Parameters of its own never change: closed over, they become constants of a compiled program,
  // which the runtime arranges once for all calls.
  const fixed = (...args: DenoiserArguments) => denoise(flat, ...args);
  const compiled = own === undefined ? backend?.compile(denoise) : undefined;
  const compiledFixed = own === undefined ? undefined : backend?.compile(fixed);
  const run = async (...args: DenoiserArguments): Promise<Tensor> => {
    if (compiledFixed !== undefined) return compiledFixed(...args);
    return compiled === undefined ? tidy(() => fixed(...args)) : compiled(flat, ...args);
  };

  return modelDenoiser(model, label, run, async () => {
    own?.dispose();
    await (compiled ?? compiledFixed)?.dispose();
  });
}
