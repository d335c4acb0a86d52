import { Command } from 'commander';
import { recipes } from 'tweedie';
import { backendOption, type Done, jsonOption, pluginOption, setOption, whole } from './flags.js';

export function declareTrain(done: Done): Command {
  return new Command('train')
    .description('train a model from a recipe into a run folder')
    .argument('<recipe>', `${recipes.map(({ id }) => id).join(', ')}`)
    .option('--out <dir>', 'the run folder (default: runs/RECIPE)')
    .option('--resume', 'go on from the last good checkpoint, or start when there is none')
    .option('--steps <n>', 'training steps', whole(1))
    .option('--batch <n>', 'items a step', whole(1))
    .option('--seed <n>', 'seed of everything random', whole(0))
    .option('--data <name>', 'another data set')
    .option('--samples <n>', 'samples to draw at the end, 0 for none', whole(0), 64)
    .option('--checkpoint-every <n>', 'steps between checkpoints', whole(1), 100)
    .addOption(setOption())
    .addOption(pluginOption())
    .addOption(backendOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `\nRecipes:\n${recipes.map(({ id, doc }) => `  ${id.padEnd(20)} ${doc}`).join('\n')}\n\n` +
        `'tweedie list recipes --plugin MODULE' lists those of plug-ins too.\n` +
        `'tweedie options RECIPE' lists what --set can change.`,
    )
    .action(async (recipe, flags) => {
      const { trainCommand } = await import('../train.js');
      done(await trainCommand(recipe, flags));
    });
}
