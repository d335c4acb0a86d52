import { memory, type Tensor } from '@tensorflow/tfjs-core';
import { type Backend, createRng } from '@tweedie/core';
import { createDenoiser } from '@tweedie/denoisers';
import { train } from '@tweedie/training';
import {
  createRun,
  createSampling,
  createTweedieRegistry,
  findRecipe,
  generate,
  openBackend,
  overrideConfig,
  type Run,
  type RunConfig,
  resolveConfig,
} from 'tweedie';
import type { CampaignOptions, CampaignResult } from './campaign.js';
import { createDice, type Dice } from './dice.js';

const registry = createTweedieRegistry();

/** Runs of two small networks that differ in loss and optimizer. */
const settings = [
  ['ncsn-toy'],
  ['ncsn-toy', 'loss=sliced-score-matching', 'optimizer=sgd'],
  ['ncsn-toy', 'loss=implicit-score-matching', 'optimizer=adam'],
  ['ddpm-moons'],
  ['ddpm-moons', 'training.clipNorm=null', 'loss.weighting=minSnr'],
] as const;

/**
 * Counts tensors over long trainings that are interrupted, and over walks of every sampler that are
 * ended in each way that there is: by a signal, by an error of the denoiser, by who asks for steps.
 *
 * @param options.count training steps; a tenth as many walks
 */
export async function findLeaks(options: CampaignOptions): Promise<CampaignResult> {
  const { seed, count, until, say } = options;
  const counts = { trainingSteps: 0, interruptions: 0, walks: 0, unfinishedWalks: 0 };
  const faults: string[] = [];
  const backend = await openBackend('cpu');
  const expected = memory().numTensors;
  const check = (what: string) => {
    const { numTensors } = memory();
    if (numTensors === expected) return;
    faults.push(`${what}: ${numTensors - expected} tensors were left`);
  };

  for (const [index, setting] of settings.entries()) {
    const run = smallRun(setting);
    const dice = createDice(seed, index);
    const steps = Math.ceil(count / settings.length);
    const done = await trainInterrupted(run, backend, { steps, dice, until, faults });
    counts.trainingSteps += done.steps;
    counts.interruptions += done.interruptions;
    check(`seed ${seed}, training ${setting.join(' ')}`);
    say(`leaks: ${JSON.stringify(counts)}, ${faults.length} faults`);
  }
  const names = registry.names('sampler');
  for (let walk = 0; walk < count / 10 && Date.now() < until; walk++) {
    const name = names[walk % names.length]!;
    const dice = createDice(seed + 1, walk);
    const ended = await walkOnce(name, backend, dice);
    counts.walks++;
    if (ended !== 'whole') counts.unfinishedWalks++;
    check(`seed ${seed}, walk ${walk} by ${name}, ended by ${ended}`);
  }
  await backend.dispose();
  say(`leaks: ${JSON.stringify(counts)}, ${faults.length} faults`);
  return { name: 'leaks', counts, faults };
}

function smallRun([recipe, ...changes]: readonly string[]): Run {
  return createRun(smallConfig(recipe!, changes), registry);
}

function smallConfig(recipe: string, changes: readonly string[]): RunConfig {
  const all = ['network.widths=4', 'training.batchSize=4', 'training.steps=1000000', ...changes];
  const changed = all.reduce((config, change) => {
    const [path = '', value = ''] = change.split('=');
    return overrideConfig(config, registry, path, value);
  }, findRecipe(recipe).config);
  return resolveConfig(changed, registry);
}

interface Interrupted {
  readonly steps: number;
  readonly dice: Dice;
  readonly until: number;
  readonly faults: string[];
}

/** Trains, aborted or left now and then, and compares the tensors after each interruption. */
async function trainInterrupted(
  { model, loss, optimizer, data }: Run,
  backend: Backend,
  { steps, dice, until, faults }: Interrupted,
): Promise<{ readonly steps: number; readonly interruptions: number }> {
  let interruptions = 0;
  let total = 0;
  let initial: Awaited<ReturnType<ReturnType<typeof train>['snapshot']>> | undefined;
  while (total < steps && Date.now() < until) {
    const controller = new AbortController();
    const { signal } = controller;
    const options = { steps: 1_000_000, batchSize: 4 };
    const training = train({ model, loss, optimizer, data, backend, options, initial, signal });
    let held: number | undefined;
    // The same run is left and taken up again several times, then resumed as a new one.
    for (let part = 0; part < 3 && !signal.aborted; part++) {
      const stop = training.step + 1 + dice.below(40);
      const abort = part === 2 && dice.oneIn(2);
      for await (const { step } of training) {
        total++;
        const { numTensors } = memory();
        held ??= numTensors;
        if (numTensors > held) faults.push(`training holds ${numTensors - held} more at ${step}`);
        if (step < stop) continue;
        if (!abort) break;
        controller.abort();
      }
      interruptions++;
    }
    initial = await training.snapshot();
    await training.dispose();
  }
  return { steps: total, interruptions };
}

/** How a walk ends. */
type End = 'whole' | 'a signal' | 'an error' | 'a break';

async function walkOnce(name: string, backend: Backend, dice: Dice): Promise<End> {
  const config = smallConfig('ddpm-moons', [`sampling.sampler=${name}`, 'sampling.grid.steps=6']);
  const { model } = createRun(config, registry);
  const { sampler, grid } = createSampling(config.sampling, model, registry);
  const params = model.network.init(createRng(dice.below(1000)));
  const denoiser = createDenoiser({ model, params, backend });
  const controller = new AbortController();
  const end = dice.pick<End>(['whole', 'a signal', 'an error', 'a break']);
  // In the first step, in the middle, in the last.
  const last = 1 + dice.below(dice.pick([2, 12, 60]));
  let calls = 0;
  const failing = (x: Tensor, level: Parameters<typeof denoiser>[1]) => {
    if (++calls === last && end === 'an error') throw new Error('told to fail');
    if (calls === last && end === 'a signal') controller.abort();
    return denoiser(x, level);
  };
  const { itemShape } = model.network;
  try {
    const work = generate({
      ...{ denoiser: failing, sampler, grid, schedule: model.schedule, itemShape },
      ...{ count: 3, seed: 1, batchSize: 2, signal: controller.signal },
    });
    for await (const { done } of work) if (end === 'a break' && done >= last) break;
  } catch (error) {
    const { code, message } = error as { readonly code?: string; readonly message: string };
    if (code !== 'ABORTED' && message !== 'told to fail') throw error;
  } finally {
    await denoiser.dispose();
  }
  return calls < last && end !== 'a break' ? 'whole' : end;
}
