/** A word of a command line as a shell takes it. */
function word(text: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * The command that draws more samples of a run, by the sampler and the grid that the run names, which fit
 * it.
 *
 * @param run the run folder
 * @param plugins what `--plugin` was given
 * @param itemShape of the network: images and points of the plane are drawn, other items written as numbers
 */
export function sampleHint(
  run: string,
  plugins: readonly string[],
  itemShape: readonly number[],
): string {
  const isPicture = itemShape.length === 3 || (itemShape.length === 1 && itemShape[0] === 2);
  return [
    'tweedie sample',
    word(run),
    ...plugins.map((module) => `--plugin ${word(module)}`),
    `-n 64 --out ${isPicture ? 'more.png' : 'more.npy'}`,
  ].join(' ');
}
