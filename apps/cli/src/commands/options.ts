import { Command } from 'commander';
import { type Done, jsonOption, pluginOption } from './flags.js';

export function declareOptions(done: Done): Command {
  return new Command('options')
    .description('list every option that a recipe has, with its range and default')
    .argument('<recipe>')
    .addOption(pluginOption())
    .addOption(jsonOption())
    .action(async (recipe, flags) => {
      const { optionsCommand } = await import('../list-options.js');
      done(await optionsCommand(recipe, flags));
    });
}
