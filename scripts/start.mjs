// `npm start` on a fresh machine: sets up, trains DDPM on real digits, shows samples.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, setUp } from './set-up.mjs';

const folder = nextFolder();
setUp({ build: 'build:js' });
console.error(`
Training a diffusion model on handwritten digits (MNIST), then sampling from it.
It takes some minutes on two cores; Ctrl-C saves and stops.
`);
const cli = join(root, 'apps', 'cli', 'dist', 'main.js');
const code = run(process.execPath, [
  cli,
  'train',
  'ddpm-mnist',
  '--out',
  folder,
  ...process.argv.slice(2),
]);
if (code === 0) {
  console.error(`
What to try next
  open ${join(folder, 'samples.png')}
  node apps/cli/dist/main.js sample ${folder} -n 100 --sampler ddim --steps 25 --out digits.png
  node apps/cli/dist/main.js train ddpm-mnist --out ${folder} --resume --steps 3000     (goes on to step 3000: sharper digits)
  node apps/cli/dist/main.js train ddpm-moons --out runs/moons                          (under a minute)
  node apps/cli/dist/main.js options ddpm-mnist                                         (all that can be changed)
`);
}
process.exit(code);

/** runs/digits, or the first of runs/digits-2, … that is not there yet. */
function nextFolder() {
  for (let number = 1; ; number++) {
    const name = join('runs', number === 1 ? 'digits' : `digits-${number}`);
    if (!existsSync(join(root, name))) return name;
  }
}
