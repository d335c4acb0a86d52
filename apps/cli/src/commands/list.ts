import { Command } from 'commander';
import { type Done, jsonOption, pluginOption } from './flags.js';

export function declareList(done: Done): Command {
  return new Command('list')
    .description(
      'list the plug-ins of a kind, or all: samplers, networks, losses and the others; also recipes',
    )
    .argument('[kind]')
    .addOption(pluginOption())
    .addOption(jsonOption())
    .action(async (kind, flags) => {
      const { listCommand } = await import('../list-plugins.js');
      done(await listCommand(kind, flags));
    });
}
