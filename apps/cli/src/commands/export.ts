import { exportKinds } from '@tweedie/export';
import { Command, Option } from 'commander';
import { addRunOptions, type Done, whole } from './flags.js';

export function declareExport(done: Done): Command {
  const command = new Command('export')
    .description('write a trained run as an ONNX file, which Python, C++ and browsers run')
    .argument('<run>', 'a run folder')
    .requiredOption('--onnx <file>', 'the file to write')
    .addOption(
      new Option(
        '--what <part>',
        'the denoiser at any level, one step of the sampler, or all of it',
      )
        .choices(exportKinds)
        .default('denoiser'),
    )
    .option('--batch <n>', 'items a batch; shapes in the file are fixed', whole(1), 1)
    .option('--int8', 'convolutions in int8: a smaller file, less exact');
  return addRunOptions(command).action(async (run, flags) => {
    const { exportCommand } = await import('../export.js');
    done(await exportCommand(run, flags));
  });
}
