import { Command } from 'commander';
import {
  backendOption,
  type Done,
  jsonOption,
  pluginOption,
  samplingOption,
  weightsOption,
  whole,
} from './flags.js';

export function declareSample(done: Done): Command {
  return new Command('sample')
    .description('draw samples from a trained run')
    .argument('<run>', 'a run folder')
    .option('-n, --count <n>', 'how many', whole(1), 64)
    .option('--sampler <name>', 'another sampler than the run names')
    .option('--grid <name>', 'another step grid')
    .option('--steps <n>', 'sampler steps', whole(1))
    .option('--seed <n>', 'seed of the samples', whole(0), 0)
    .addOption(weightsOption())
    .option(
      '--int8',
      'convolutions in bytes, by ranges from 32 samples drawn first: less exact, on some processors faster (docs/int8.md)',
    )
    .option('--out <file>', '.png, .npy or .safetensors (default: samples.png in the run folder)')
    .addOption(samplingOption())
    .addOption(pluginOption())
    .addOption(backendOption())
    .addOption(jsonOption())
    .action(async (run, flags) => {
      const { sampleCommand } = await import('../sample.js');
      done(await sampleCommand(run, flags));
    });
}
