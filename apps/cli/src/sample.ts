import { join } from 'node:path';
import { createModel, openBackend } from 'tweedie';
import { drawSamples } from './draw-samples.js';
import { exitCodes } from './failure.js';
import { interruptible } from './interrupt.js';
import { openRun, type RunFlags } from './open-run.js';
import { note, writeResult } from './output.js';
import { checkSamplePath, writeSamples } from './write-samples.js';

export interface SampleFlags extends RunFlags {
  readonly count: number;
  readonly seed: number;
  readonly out?: string;
  readonly int8?: boolean;
  readonly backend: string;
  readonly json?: boolean;
}

/** Draws samples from a run folder into a file. */
export async function sampleCommand(path: string, flags: SampleFlags): Promise<number> {
  const { registry, config, params, step } = await openRun(path, flags);
  const isPicture = [1, 3].includes(createModel(config, registry).network.itemShape.length);
  const out = flags.out ?? join(path, isPicture ? 'samples.png' : 'samples.npy');
  checkSamplePath(out);

  const backend = await openBackend(flags.backend);
  const interrupt = interruptible(() => note('\nstopping'));
  try {
    const samples = await drawSamples({
      config,
      registry,
      backend,
      params,
      sampling: config.sampling,
      count: flags.count,
      seed: flags.seed,
      int8: flags.int8,
      signal: interrupt.signal,
    });
    await writeSamples(out, samples);
    const result = {
      samples: out,
      shape: samples.shape,
      step,
      backend: backend.name,
      precision: flags.int8 ? 'int8' : 'float32',
    };
    writeResult(flags.json ? `${JSON.stringify(result)}\n` : `${out}\n`);
    return exitCodes.ok;
  } finally {
    interrupt.release();
    await backend.dispose();
  }
}
