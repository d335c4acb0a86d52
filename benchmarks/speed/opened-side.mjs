import { startSide } from './side-process.mjs';
import { versionOf } from './versions.mjs';

/**
 * Starts a side, opens a workload in it, takes its first steps, and measures how long that takes.
 *
 * @returns {side, description, parameters, numbers, loading, firstStep}: the numbers of the first
 * steps; the milliseconds from the start of the process until the library is loaded, and from there
 * until the first step is done: reading the workload, tracing, compiling and running
 */
export async function openSide({ program, folder, settings, steps }) {
  const begin = performance.now();
  const side = startSide(program);
  try {
    const { packages = {}, ...description } = await side.ask({ do: 'describe' });
    const loaded = performance.now();
    const { parameters } = await side.ask({ do: 'open', folder, settings });
    const { numbers } = await side.ask({ do: 'numbers', steps: 1 });
    const stepped = performance.now();
    const more = await side.ask({ do: 'numbers', steps: steps - 1 });
    const looked = Object.entries(packages).map(([label, name]) => [label, versionOf(name)]);
    return {
      side,
      description: {
        ...description,
        versions: { ...description.versions, ...Object.fromEntries(looked) },
      },
      parameters,
      numbers: [...numbers, ...more.numbers],
      loading: loaded - begin,
      firstStep: stepped - loaded,
    };
  } catch (error) {
    await side.end();
    throw error;
  }
}
