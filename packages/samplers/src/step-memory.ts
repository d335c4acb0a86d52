import { Tensor } from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';
import type { StepResult } from './step.js';

/** Deep enough for any history, and shallow enough to end on a record that holds itself. */
const deepest = 16;

/**
 * Rebuilds a memory with other tensors in the places of its tensors; plain data stay as they are.
 *
 * @param replace is called for each tensor, record keys in their order
 * @throws TweedieError INVALID_VALUE for a memory nested more than 16 deep
 */
export function mapMemory<Memory>(
  memory: Memory,
  replace: (tensor: Tensor) => Tensor,
  depth = 0,
): Memory {
  if (typeof memory !== 'object' || memory === null || ArrayBuffer.isView(memory)) return memory;
  if (memory instanceof Tensor) return replace(memory) as Memory & Tensor;
  if (depth === deepest) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'samplers',
      given: `the memory of a step is nested more than ${deepest} deep`,
      allowed: 'tensors and plain data in a few arrays and records',
    });
  }
  const inner = (value: unknown) => mapMemory(value, replace, depth + 1);
  if (Array.isArray(memory)) return memory.map(inner) as Memory;
  const entries = Object.entries(memory).map(([key, value]) => [key, inner(value)] as const);
  return Object.fromEntries(entries) as Memory;
}

/** All tensors of a memory, in the order of `mapMemory`. */
export function memoryTensors(memory: unknown): Tensor[] {
  const tensors: Tensor[] = [];
  mapMemory(memory, (tensor) => {
    tensors.push(tensor);
    return tensor;
  });
  return tensors;
}

/** All tensors of a result, its memory's too; the same tensor may stand there twice. */
export function resultTensors(result: StepResult): Tensor[] {
  const { x, denoised, memory } = result ?? {};
  return [x, denoised].filter((tensor) => tensor instanceof Tensor).concat(memoryTensors(memory));
}
