import { toTensors } from '@tweedie/autodiff';
import { type HostParams, sizeOf, TweedieError } from '@tweedie/core';
import { denoiserDescriptions, exportDenoiser } from './export-denoiser.js';
import { exportSampler, samplerDescriptions, stepDescriptions } from './export-sampler.js';
import { levelsAsJson, metadataTexts, modelFacts, partAsJson } from './notes.js';
import { recordable } from './recordable-sampling.js';
import type { ExportKind, ExportRequest } from './request.js';

/** A model as a file, and what it holds. */
export interface ExportedModel {
  /** The bytes of an ONNX model (opset 18, operators of the standard alone). */
  readonly model: Uint8Array;
  readonly what: ExportKind;
  /** What the model holds as its metadata. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Arrays of noise that the whole chain draws, and the step that draws most; 0 for a denoiser. */
  readonly draws: { readonly total: number; readonly most: number };
}

/**
 * A trained model as ONNX, for any runtime. `what` is
 *
 * - 'denoiser': x, alpha, sigma, time → denoised, noise, at any level;
 * - 'sampler-step': x, step, noise → x_next, denoised, the step of the sampler from a level of its grid
 *   to the next; a multistep method also takes and gives its memory, memory_1 → memory_1_next;
 * - 'sampler': start, noise → samples, the whole chain as a `Loop`.
 *
 * `label` (int32 [B]) is an input too, where the network has classes, and inputs that nothing depends
 * on are left out. Images are height, width, channel. The metadata under 'tweedie.…' hold the schedule,
 * the parameterization, the levels, the SHA-256 of the weights and the rest of what rebuilds the model.
 *
 * @throws TweedieError INVALID_VALUE for a batch size that is not a whole number of at least 1;
 * UNSUPPORTED for a sampler or a parameterization that has no form in ONNX, or more than 2 GB of
 * weights; NOT_FINITE for a grid that begins where the parameterization has no meaning; what `quantize`
 * throws where there is calibration
 */
export async function exportModel(request: ExportRequest): Promise<ExportedModel> {
  const { model, params, what, batchSize, calibration, facts = {} } = request;
  checkSizes(params, batchSize);
  const shape = [batchSize, ...model.network.itemShape];
  const sampling = what === 'denoiser' ? undefined : recordable(request);
  const levels = sampling?.grid ?? request.grid;
  const steps = levels.length - 1;
  const startScale = levels[0]!.sigma;
  const { classes = 0 } = model.network;
  const metadata = metadataTexts({
    what,
    ...(await modelFacts(request)),
    batchSize,
    precision: calibration === undefined ? 'float32' : 'int8',
    sampler: partAsJson(request.sampler),
    steps,
    startScale,
    levels: levelsAsJson(levels),
    ...facts,
  });
  const documentation = documentationOf(request);
  const tensors = toTensors(params);
  try {
    if (sampling === undefined) {
      const notes = { documentation, metadata, descriptions: denoiserDescriptions(shape, classes) };
      const bytes = await exportDenoiser({ model, params: tensors, shape, calibration, notes });
      return { model: bytes, what, metadata, draws: { total: 0, most: 0 } };
    }
    const isWhole = what === 'sampler';
    const descriptions = isWhole
      ? samplerDescriptions(shape, classes)
      : stepDescriptions(shape, steps, startScale, classes);
    const exported = await exportSampler({
      model,
      params: tensors,
      sampling,
      shape,
      calibration,
      form: isWhole ? 'loop' : 'step',
      notes: { documentation, metadata, descriptions },
    });
    return { model: exported.model, what, metadata, draws: exported.draws };
  } finally {
    for (const tensor of Object.values(tensors)) tensor.dispose();
  }
}

/** Most bytes of a protocol buffer, with room for all but the weights. */
const MOST_BYTES = 2 ** 31 - 2 ** 24;

function checkSizes(params: HostParams, batchSize: number): void {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'export',
      given: `the batch size of an export is ${batchSize}`,
      allowed: 'a whole number of at least 1',
    });
  }
  const bytes = Object.values(params).reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
  if (bytes <= MOST_BYTES) return;
  throw new TweedieError({
    code: 'UNSUPPORTED',
    package: 'export',
    given: `the weights take ${bytes} bytes`,
    allowed: `${MOST_BYTES}, as an ONNX file holds`,
  });
}

function documentationOf({ model, sampler, what, facts = {} }: ExportRequest): string {
  const { network, schedule } = model;
  const recipe = typeof facts.recipe === 'string' ? ` of recipe ${facts.recipe}` : '';
  const of = `the ${network.name}${recipe}, schedule ${schedule.name}`;
  if (what === 'denoiser') return `Denoiser: ${of}.`;
  return what === 'sampler'
    ? `Sampler ${sampler.name} with ${of}.`
    : `A step of sampler ${sampler.name} with ${of}.`;
}
