import { gather, stack, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { cpuBackend } from '@tweedie/backend-eager';
import { type Backend, flattenTree, type Loss, TweedieError } from '@tweedie/core';
import { data, loss, model } from './gaussian-denoising.fixture.js';
import { type Training, type TrainingRecord, type TrainingRequest, train } from './train.js';
import type { TrainingState } from './training-state.js';

export const backend = cpuBackend();
/** What is to be trained, without options. */
export const problem = { model, loss, data, backend };

/** Runs until the end, or until `until` steps are done. */
export async function runSteps(training: Training, until = Number.POSITIVE_INFINITY) {
  const records: TrainingRecord[] = [];
  if (training.step >= until) return records;
  for await (const record of training) {
    records.push(record);
    if (record.step >= until) break;
  }
  return records;
}

export async function finalState(request: TrainingRequest): Promise<TrainingState> {
  const training = train(request);
  await runSteps(training);
  const state = await training.snapshot();
  await training.dispose();
  return state;
}

export async function failure(work: () => unknown): Promise<TweedieError> {
  try {
    await work();
  } catch (error) {
    if (TweedieError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** The loss, with the noise of one step (1 is the first) times a number. */
export function withNoise(step: number, factor: number): Loss {
  let drawn = 0;
  return {
    ...loss,
    draw(owner, batch, rng) {
      const { noise } = loss.draw(owner, batch, rng);
      if (++drawn === step)
        noise!.data.forEach((value, i) => {
          noise!.data[i] = value * factor;
        });
      return { noise: noise! };
    },
  };
}

/** The cpu backend with runs of several steps, and the lengths of those that it was asked for. */
export function scanning(): { readonly backend: Backend; readonly lengths: number[] } {
  const lengths: number[] = [];
  return {
    lengths,
    backend: {
      ...backend,
      capabilities: {
        scan(step) {
          const scanned = async (start: unknown, inputs: { scalars: { emaRate: Tensor } }) => {
            const steps = inputs.scalars.emaRate.size;
            lengths.push(steps);
            const { leaves, structure } = flattenTree(inputs);
            return tidy(() => {
              let carry = start;
              const outputs: StepOutputs[] = [];
              for (let i = 0; i < steps; i++) {
                const entry = structure.unflatten(leaves.map((leaf) => gather(leaf, i)));
                const result = step(carry, entry) as { carry: unknown; outputs: StepOutputs };
                carry = result.carry;
                outputs.push(result.outputs);
              }
              const stacked = (name: keyof StepOutputs) => stack(outputs.map((o) => o[name]));
              const found = { loss: stacked('loss'), gradientNorm: stacked('gradientNorm') };
              return { carry, outputs: found } as never;
            });
          };
          return Object.assign(scanned, { dispose: async () => {} }) as never;
        },
      },
    },
  };
}

interface StepOutputs {
  readonly loss: Tensor;
  readonly gradientNorm: Tensor;
}
