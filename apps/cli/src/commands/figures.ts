import { Command } from 'commander';
import { backendOption, type Done, jsonOption, pluginOption, positive, whole } from './flags.js';

export function declareFigures(done: Done): Command {
  return new Command('figures')
    .description('draw five figures that explain score matching and diffusion, as SVG and PNG')
    .requiredOption('--out <dir>', 'folder of the files')
    .option('--only <list>', 'some of the figures 1 to 5, as in 1,3')
    .option(
      '--run <run>',
      'a trained run of digits, whose network draws the reverse chain of Fig. 4',
    )
    .option('--seed <n>', 'seed of everything random', whole(0), 0)
    .option(
      '--effort <share>',
      'share of the usual training, e.g. 0.1 for a quick look',
      positive,
      1,
    )
    .addOption(pluginOption())
    .addOption(backendOption())
    .addOption(jsonOption())
    .action(async (flags) => {
      const { figuresCommand } = await import('../figures.js');
      done(await figuresCommand(flags));
    });
}
