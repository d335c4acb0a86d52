import { Command } from 'commander';
import { addRunOptions, type Done, whole } from './flags.js';

export function declareSample(done: Done): Command {
  const command = new Command('sample')
    .description('draw samples from a trained run')
    .argument('<run>', 'a run folder')
    .option('-n, --count <n>', 'how many', whole(1), 64)
    .option('--seed <n>', 'seed of the samples', whole(0), 0)
    .option(
      '--int8',
      'convolutions in int8, calibrated on 32 samples drawn first: less exact, faster on some processors',
    )
    .option('--out <file>', '.png, .npy or .safetensors (default: samples.png in the run folder)');
  return addRunOptions(command).action(async (run, flags) => {
    const { sampleCommand } = await import('../sample.js');
    done(await sampleCommand(run, flags));
  });
}
