import { TweedieError } from '@tweedie/core';
import type { Training, TrainingRecord } from '@tweedie/training';
import type { RunFolder } from '@tweedie/training/node';
import { note } from './output.js';
import { createProgress } from './progress.js';

/**
 * Runs the steps that are left, writing metrics and, every so often, a checkpoint. When a step fails, the
 * state before it is saved.
 *
 * @throws what the training and the folder throw
 */
export async function runSteps(
  training: Training,
  folder: RunFolder,
  checkpointEvery: number,
): Promise<TrainingRecord | undefined> {
  const { steps } = training.options;
  const progress = createProgress({ total: steps, label: 'Training' });
  let saved = training.step;
  const save = async () => {
    const path = await folder.saveCheckpoint(await training.snapshot());
    saved = training.step;
    return path;
  };
  let last: TrainingRecord | undefined;
  let smooth: number | undefined;
  try {
    for await (const record of training) {
      last = record;
      // One batch's loss is noise; people watch a running mean.
      smooth = smooth === undefined ? record.loss : 0.95 * smooth + 0.05 * record.loss;
      const speed = record.itemsPerSecond / training.options.batchSize;
      progress.update(
        record.step,
        `loss ${smooth.toFixed(4)} · ${speed < 10 ? speed.toFixed(2) : speed.toFixed(0)} steps/s`,
      );
      await folder.appendMetrics({ ...record });
      if (record.step % checkpointEvery === 0 && record.step < steps) await save();
    }
  } catch (error) {
    progress.finish();
    if (training.step > saved && !isOfTheFolder(error)) await saveAfter(error, training, save);
    throw error;
  }
  progress.finish();
  return last;
}

/** Errors after which the folder cannot be written, or must not be. */
function isOfTheFolder(error: unknown): boolean {
  return TweedieError.isInstance(error) && (error.code === 'IO' || error.code === 'LOCKED');
}

/** Saves the last good state, and says where; what it says otherwise comes before the error itself. */
async function saveAfter(
  error: unknown,
  training: Training,
  save: () => Promise<string>,
): Promise<void> {
  const { step } = training;
  try {
    note(`Saved step ${step} of ${training.options.steps}: ${await save()}`);
  } catch (cause) {
    const { message } = cause as Error;
    if (message !== (error as Error).message) note(`Step ${step} could not be saved: ${message}`);
  }
}
