import { type HostParams, type Json, type Model, sizeOf, TweedieError } from '@tweedie/core';
import type { CalibrationPoint } from './export-calibration.js';
import { denoiserDescriptions, exportDenoiser } from './export-denoiser.js';
import { withParams } from './export-network.js';
import { levelsAsJson, metadataTexts, runMetadata } from './export-notes.js';
import {
  exportSampler,
  samplerDescriptions,
  stepDescriptions,
  type Walk,
  walkOf,
} from './export-sampler.js';
import type { TweedieRegistry } from './registry.js';
import { createModel, createSampling, type RunConfig } from './run-config.js';

/** What of a run an ONNX model holds. */
export const exportKinds = ['denoiser', 'sampler-step', 'sampler'] as const;
export type ExportKind = (typeof exportKinds)[number];

export interface ExportRequest {
  /** Resolved (`resolveConfig`); its `sampling` is what a sampler is exported of. */
  readonly config: RunConfig;
  readonly params: HostParams;
  readonly registry: TweedieRegistry;
  readonly what: ExportKind;
  /** Items of a batch: shapes in the model are fixed. */
  readonly batchSize: number;
  /**
   * Computes convolutions in bytes (see `quantize` of backend-onnx), with ranges from these states:
   * `calibrationOf(request, …)`. Without it everything is float32.
   */
  readonly calibration?: readonly CalibrationPoint[] | undefined;
  /** Further facts for the model's metadata: the step of a checkpoint, a version. */
  readonly facts?: Readonly<Record<string, Json>>;
}

export interface ExportedRun {
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
 * - 'sampler-step': x, step, noise → x_next, denoised, the step of the run's sampler from a level of
 *   its grid to the next;
 * - 'sampler': start, noise → samples, the whole chain as a `Loop`.
 *
 * `label` (int32 [B]) is an input too, where the network has classes, and inputs that nothing depends
 * on are left out. Images are height, width, channel. The metadata under 'tweedie.…' hold the schedule,
 * the parameterization, the levels, the SHA-256 of the weights and the rest of what rebuilds the run.
 *
 * @throws TweedieError INVALID_VALUE for a batch size that is not a whole number of at least 1;
 * UNSUPPORTED for a sampler or a parameterization that has no form in ONNX, or more than 2 GB of
 * weights; NOT_FINITE for a grid that begins where the parameterization has no meaning; what `quantize` throws
 * where there is calibration
 */
export async function exportRun(request: ExportRequest): Promise<ExportedRun> {
  const { config, params, registry, what, batchSize, calibration, facts = {} } = request;
  checkSizes(params, batchSize);
  const model = createModel(config, registry);
  const shape = [batchSize, ...model.network.itemShape];
  const { classes = 0, itemShape } = model.network;
  const { sampler, grid } = config.sampling;
  const walk = what === 'denoiser' ? undefined : exportedWalk(request, model);
  const levels = walk?.grid ?? createSampling(config.sampling, model, registry).grid;
  const steps = levels.length - 1;
  const startScale = levels[0]!.sigma;
  const metadata = metadataTexts({
    what,
    ...(await runMetadata(config, params)),
    itemShape,
    ...(itemShape.length === 3 ? { layout: 'NHWC' } : {}),
    batchSize,
    // A network may take any whole number as a class.
    classes: Number.isFinite(classes) ? classes : 'any',
    precision: calibration === undefined ? 'float32' : 'int8',
    sampler,
    grid,
    steps,
    startScale,
    levels: levelsAsJson(levels),
    ...facts,
  });
  const documentation = documentationOf(request, model);
  return withParams(params, async (tensors): Promise<ExportedRun> => {
    if (walk === undefined) {
      const notes = { documentation, metadata, descriptions: denoiserDescriptions(shape) };
      const request = { model, params: tensors, shape, calibration, notes };
      const bytes = await exportDenoiser(request);
      return { model: bytes, what, metadata, draws: { total: 0, most: 0 } };
    }
    const isWhole = what === 'sampler';
    const descriptions = isWhole
      ? samplerDescriptions(shape)
      : stepDescriptions(shape, steps, startScale);
    const exported = await exportSampler({
      model,
      params: tensors,
      walk,
      shape,
      calibration,
      form: isWhole ? 'loop' : 'step',
      notes: { documentation, metadata, descriptions },
    });
    return { model: exported.model, what, metadata, draws: exported.draws };
  });
}

/**
 * The walk of an exported sampler.
 *
 * @throws TweedieError UNSUPPORTED
 */
export function exportedWalk(
  { config, registry }: Pick<ExportRequest, 'config' | 'registry'>,
  model: Model,
): Walk {
  const { grid } = createSampling(config.sampling, model, registry);
  return walkOf(config.sampling.sampler, grid, registry);
}

/** Most bytes of a protocol buffer, with room for all but the weights. */
const MOST_BYTES = 2 ** 31 - 2 ** 24;

function checkSizes(params: HostParams, batchSize: number): void {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'tweedie',
      given: `the batch size of an export is ${batchSize}`,
      allowed: 'a whole number of at least 1',
    });
  }
  const bytes = Object.values(params).reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
  if (bytes <= MOST_BYTES) return;
  throw new TweedieError({
    code: 'UNSUPPORTED',
    package: 'tweedie',
    given: `the weights take ${bytes} bytes`,
    allowed: `${MOST_BYTES}, as an ONNX file holds`,
  });
}

function documentationOf({ config, what }: ExportRequest, { network, schedule }: Model): string {
  const of = `the ${network.name} of recipe ${config.recipe}, schedule ${schedule.name}`;
  if (what === 'denoiser') return `Denoiser: ${of}.`;
  const name = config.sampling.sampler.name;
  return what === 'sampler'
    ? `Sampler ${name} with ${of}.`
    : `A step of sampler ${name} with ${of}.`;
}
