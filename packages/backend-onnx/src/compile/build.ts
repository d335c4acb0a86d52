import { TweedieError } from '@tweedie/core';
import type { TracedFunction } from '../ir/computation.js';
import { blockSize, nchwcIsRight } from '../nchwc-support/availability.js';
import { fewBuffers } from '../passes/few-buffers.js';
import { createGpuProgram } from '../programs/gpu-program.js';
import { createProgram, type Program } from '../programs/program.js';
import type { WorkerSettings } from '../sessions/create-session.js';
import type { TraceRequest } from '../trace/trace.js';
import { traceFunction } from '../trace/trace-function.js';
import { checkCarry, scanOf } from './scan.js';

export interface BuildSettings extends WorkerSettings {
  /** Where arguments and results live. */
  readonly tensorBackend: 'cpu' | 'webgpu';
  readonly layout: 'auto' | 'standard' | 'blocked';
}

export interface BuildRequest extends Omit<TraceRequest, 'dialect'> {
  /**
   * The function is a step, to be run once for each entry of its arguments along their first axis;
   * so many of its arguments are the state, which comes first.
   */
  readonly carried?: number | undefined;
}

/**
 * Traces a function and makes it ready to run, with blocked convolutions where they are there and
 * right.
 *
 * @throws what `traceFunction` throws; UNSUPPORTED when blocked convolutions are demanded and are not there
 */
export async function build(request: BuildRequest, settings: BuildSettings): Promise<Program> {
  const { carried, ...whole } = request;
  const scan = carried === undefined ? undefined : scanOf(whole, carried);
  const traced = (size: number) => {
    const dialect = { operators: 'runtime', blockSize: size } as const;
    return traceFunction({ ...(scan?.step ?? whole), dialect });
  };
  // Only the native library has blocked convolutions.
  const mayBlock = settings.layout !== 'standard' && settings.device === 'cpu';
  const size = mayBlock ? await blockSize() : 0;
  if (settings.layout === 'blocked' && !(size > 0 && (await nchwcIsRight()))) {
    throw new TweedieError({
      code: 'UNSUPPORTED',
      package: 'backend-onnx',
      given: "the layout 'blocked' does not work with this processor and runtime",
      fix: "choose 'auto' or 'standard'",
    });
  }
  const first = traced(size);
  // Functions without convolutions need no test of them.
  const isSafe = !usesNchwc(first) || (await nchwcIsRight());
  if (scan !== undefined) checkCarry(scan.step, first, scan.shape);
  const create = settings.tensorBackend === 'webgpu' ? createGpuProgram : createProgram;
  const ready = isSafe ? first : traced(0);
  return create(
    settings.device === 'webgpu' ? { ...ready, ...fewBuffers(ready) } : ready,
    settings,
    scan?.shape,
  );
}

const usesNchwc = ({ graph }: TracedFunction) =>
  graph.nodes.some((node) => node.domain === 'com.microsoft.nchwc');
