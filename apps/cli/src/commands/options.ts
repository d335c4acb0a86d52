import { Command } from 'commander';
import { type Done, jsonOption, pluginOption, setOption } from './flags.js';

export function declareOptions(done: Done): Command {
  return new Command('options')
    .description('list every option of a recipe and of its parts, with its range and default')
    .argument('<recipe>')
    .addOption(setOption())
    .addOption(pluginOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `\nWith another part, its options: tweedie options ddpm-moons --set sampling.sampler=ddim`,
    )
    .action(async (recipe, flags) => {
      const { optionsCommand } = await import('../list-options.js');
      done(await optionsCommand(recipe, flags));
    });
}
