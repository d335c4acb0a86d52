import { scalar, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import type { ExportedIteration, IterationStep } from '@tweedie/backend-onnx';
import {
  type Level,
  levelAtHalfLogSnr,
  type Model,
  type Params,
  TweedieError,
} from '@tweedie/core';
import { denoiseWith } from '@tweedie/denoisers';
import { interpretStep, mapMemory, memoryTensors, type StepOperations } from '@tweedie/samplers';
import { calibrated } from './calibration.js';
import { type ExportNotes, labelDescription } from './notes.js';
import type { RecordableSampling } from './recordable-sampling.js';
import type { CalibrationPoint } from './request.js';

/** Names of tensor `slot` (1, 2, …) of what a multistep method remembers, before and after a step. */
export function memoryNames(slot: number): { readonly input: string; readonly output: string } {
  return { input: `memory_${slot}`, output: `memory_${slot}_next` };
}

/** What the inputs and outputs of an exported sampler are. */
export function samplerDescriptions(
  shape: readonly number[],
  classes: number,
): Record<string, string> {
  return {
    start: `standard normal numbers, [${shape}]: item, then the axes of an item (height, width, channel for images)`,
    noise: `standard normal numbers, [draws,${shape}]: what the steps draw, in their order`,
    label: labelDescription(shape, classes),
    samples: `what was sampled, in the range of the data, [${shape}]`,
  };
}

/** What the inputs and outputs of an exported sampler step are. */
export function stepDescriptions(
  shape: readonly number[],
  steps: number,
  startScale: number,
  classes: number,
): Record<string, string> {
  return {
    step: `which step, 0 to ${steps - 1}: from this level of tweedie.levels to the next`,
    x: `state before the step, [${shape}]; before step 0 standard normal numbers times ${startScale}`,
    noise: `standard normal numbers: what the step draws, [${shape}] or [draws,${shape}]; steps that draw less leave some unused`,
    label: labelDescription(shape, classes),
    memory_1:
      'what the step before returned as memory_1_next, zeros before step 0; further slots alike',
    x_next: `state after the step, [${shape}]; after the last step the samples`,
    denoised: `estimate of the data that the step used, [${shape}]`,
  };
}

interface SamplerExportRequest {
  readonly model: Model;
  readonly params: Params;
  readonly sampling: RecordableSampling;
  /** [B, ...itemShape] */
  readonly shape: readonly number[];
  readonly form: 'loop' | 'step';
  readonly calibration: readonly CalibrationPoint[] | undefined;
  readonly notes: ExportNotes;
}

/**
 * A sampler with its model as one ONNX model: the whole chain, or one step of it.
 *
 * @throws TweedieError UNSUPPORTED for a sampler that reads values or draws uniform numbers;
 * NOT_FINITE at a level where the parameterization has no meaning
 */
export async function exportSampler(request: SamplerExportRequest): Promise<ExportedIteration> {
  const { model, params, sampling, shape, form, notes } = request;
  const { sampler, grid } = sampling;
  const one = { type: 'float32', shape: [] } as const;
  const label = { type: 'int32', shape: [shape[0]!] } as const;
  const hasClasses = (model.network.classes ?? 0) > 0;
  const network = (
    x: Tensor,
    skip: Tensor,
    out: Tensor,
    scale: Tensor,
    noise: Tensor,
    labels?: Tensor1D,
  ) => denoiseWith(model.network, params, x, { skip, out, in: scale, noise }, labels);
  const shared = await calibrated(network, model, request.calibration, (level) => {
    const c = model.parameterization.coefficients(level);
    return [c.skip, c.out, c.in, c.noise];
  });
  // What each step returned as memory: plain data, and the places of tensors, which are carried.
  const memories: unknown[] = [];
  // Loaded when it is needed: it brings a runtime.
  const { exportIteration } = await import('@tweedie/backend-onnx');
  try {
    return await exportIteration(
      {
        steps: grid.length - 1,
        stateShape: shape,
        inputs: hasClasses ? { label } : {},
        shared: {
          fn: shared,
          argumentTypes: [
            { type: 'float32', shape },
            ...[one, one, one, one],
            ...(hasClasses ? [label] : []),
          ],
        },
        async step(io) {
          const { index, carried } = io;
          const [from, to] = [grid[index]!, grid[index + 1]!];
          const [x, ...history] = carried as [Tensor, ...Tensor[]];
          const memory = mapMemory(memories[index - 1], () => history.shift()!);
          const place = { index, grid, from, to, x, memory };
          const operations = recordedOperations(request, io);
          const { result } = await interpretStep(sampler.name, sampler.rule, place, operations);
          memories[index] = result.memory;
          return {
            carried: [result.x, ...memoryTensors(result.memory)],
            outputs: [result.denoised],
          };
        },
      },
      {
        form,
        startScale: grid[0]!.sigma,
        names: {
          state: form === 'loop' ? 'start' : 'x',
          draws: 'noise',
          index: 'step',
          outputs: form === 'loop' ? ['samples'] : ['x_next', 'denoised'],
          carried: memoryNames,
        },
        ...notes,
      },
    );
  } catch (error) {
    throw explain(error, sampler.name);
  }
}

/** The operations of a step, recorded. */
function recordedOperations(
  { model, sampling }: SamplerExportRequest,
  io: IterationStep,
): StepOperations {
  return {
    async denoise(x, level) {
      const { skip, out, in: scale, noise } = model.parameterization.coefficients(level);
      const numbers = [skip, out, scale, noise];
      if (!numbers.every(Number.isFinite)) throw noMeaning(model, level);
      const label = io.inputs.label === undefined ? [] : [io.inputs.label];
      return io.shared(x, ...numbers.map((number) => scalar(number)), ...label);
    },
    noise: () => io.draw(),
    uniform() {
      throw new TweedieError({
        code: 'UNSUPPORTED',
        package: 'export',
        given: `the sampler '${sampling.sampler.name}' draws uniform numbers, which an exported sampler has no input for`,
        fix: 'name another sampler, or export the denoiser',
      });
    },
    levelAt: (halfLogSnr) => levelAtHalfLogSnr(model.schedule, halfLogSnr),
  };
}

function noMeaning({ parameterization }: Model, { t, alpha, sigma }: Level): TweedieError {
  return new TweedieError({
    code: 'NOT_FINITE',
    package: 'export',
    given: `the ${parameterization.name} parameterization has no finite coefficients at t = ${t}, α = ${alpha}, σ = ${sigma}`,
    allowed: 'levels at which it is defined',
    fix: 'begin the grid later, or train with a parameterization that is defined there (data, velocity)',
  });
}

/** What a step does that cannot be recorded is something that its sampler does. */
function explain(error: unknown, sampler: string): unknown {
  if (!TweedieError.isInstance(error) || error.package !== 'backend-onnx') return error;
  if (error.code !== 'IMPURE_FUNCTION' && error.code !== 'UNSUPPORTED') return error;
  return new TweedieError({
    code: 'UNSUPPORTED',
    package: 'export',
    given: `the sampler '${sampler}' with these options cannot be exported: ${error.message}`,
    fix: 'turn off dynamic thresholding, use fewer steps per level, or export the denoiser',
    cause: error,
  });
}
