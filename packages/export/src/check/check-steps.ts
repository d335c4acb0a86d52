import { scalar, zeros } from '@tensorflow/tfjs-core';
import { toTensor } from '@tweedie/autodiff';
import { initialNoise } from '@tweedie/samplers';
import { memoryNames } from '../export-sampler.js';
import { recordable } from '../recordable-sampling.js';
import { type Bench, type Comparison, spread } from './bench.js';
import { differenceOf } from './precision.js';
import { recording, stacked } from './recorded-noise.js';

/** Steps of the sampler, each from the state that this library's own walk reached. */
export async function checkSteps(bench: Bench): Promise<Comparison> {
  const { model, denoiser, rng, shape, signal, draws, precision } = bench;
  const { sampler, grid } = recordable(bench);
  const slots = memorySlots(bench);
  const steps = grid.slice(1).map((_, i) => i);
  // What a step remembers comes from the step before it, so that every step is made then.
  const places = new Set(slots.length > 0 ? steps : spread(steps));
  const { recorder, taken } = recording(rng.fork('steps'));
  const differences: number[] = [];
  const start = initialNoise(rng.fork('start'), shape, grid[0]!);
  let x = start.clone();
  let remembered = slots.map(({ shape: of }) => zeros([...of]));
  try {
    const context = { rng: recorder, schedule: model.schedule, signal };
    for await (const step of sampler.sample(denoiser, start, grid, context)) {
      const drawn = taken();
      if (places.has(step.index)) {
        const index = scalar(step.index, 'int32');
        const noise = stacked(drawn, shape, draws.most > 1 ? draws.most : undefined);
        const history = slots.map(({ names }, i) => [names.input, remembered[i]!] as const);
        const [next, denoised, ...after] = await bench.run(
          { x, step: index, noise, ...Object.fromEntries(history) },
          ['x_next', 'denoised', ...slots.map(({ names }) => names.output)],
        );
        for (const used of [index, noise, ...remembered]) used.dispose();
        remembered = after.map((array) => toTensor(array));
        const { skip } = model.parameterization.coefficients(step.from);
        const terms = Math.abs(skip) * precision.norm(await x.data());
        differences.push(differenceOf(precision, next!.data, await step.x.data(), terms));
        differences.push(
          differenceOf(precision, denoised!.data, await step.denoised.data(), terms),
        );
      }
      x.dispose();
      x = step.x.clone();
    }
    return { differences };
  } finally {
    for (const tensor of [start, x, ...remembered]) tensor.dispose();
  }
}

interface MemorySlot {
  readonly names: ReturnType<typeof memoryNames>;
  readonly shape: readonly number[];
}

/** What an exported step takes and gives beside the state, for a method that remembers. */
function memorySlots({ inputs }: Bench): readonly MemorySlot[] {
  const slots: MemorySlot[] = [];
  for (let slot = 1; ; slot++) {
    const names = memoryNames(slot);
    const input = inputs.find(({ name }) => name === names.input);
    if (input === undefined) return slots;
    slots.push({ names, shape: input.shape as readonly number[] });
  }
}
