import { parseArgs } from 'node:util';
import { workloadGroups, workloadNames } from './workload-names.mjs';

export const comparedSides = [
  'ours-spinning',
  'onnx-standard',
  'ours-int8',
  'ours-wasm',
  'ours-cpu',
  'pytorch',
  'pytorch-compile',
  'jax',
  'jax-js',
  'tfjs-node',
  'tfjs-wasm',
  'tfjs-cpu',
  'browser-ours-alone',
  'browser-jax-js',
  'browser-tfjs',
  'browser-tfjs-alone',
];

export const help = `Usage: node benchmarks/run.mjs [options]

Times Tweedie and its alternatives on the same work, in alternating rounds.
The packages must be built first (pnpm build).

  --only LIST     workloads: ${workloadNames.join(', ')},
                  or a group of them: ${Object.keys(workloadGroups).join(', ')} (default: all)
  --sides LIST    sides besides ours: ${comparedSides.join(', ')}
                  (default: all)
  --threads N     threads each side may use (default: 2)
  --rounds N      rounds; each side is timed once a round (default: 7, quick 3)
  --quick         minutes in place of hours: fewer rounds, and without what takes long unless
                  --sides names it
  --out NAME      also writes the page and every number to results/DATE-NAME.md and .json
  --help          prints this

PyTorch and JAX run where TWEEDIE_BENCH_PYTHON, or else python3, is a Python that can import them, and
the group browser where playwright-core finds Chromium, or TWEEDIE_CHROMIUM names it.`;

/** @throws Error that says which option is wrong */
export function parseCommandLine(args) {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string' },
      sides: { type: 'string' },
      threads: { type: 'string', default: '2' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    help: values.help,
    only: list('--only', values.only, workloadNames, workloadGroups),
    sides: list('--sides', values.sides, comparedSides),
    threads: wholeNumber('--threads', values.threads),
    rounds: wholeNumber('--rounds', values.rounds ?? (values.quick ? '3' : '7')),
    quick: values.quick,
    skipSlow: values.quick && values.sides === undefined,
    out: fileName('--out', values.out),
  };
}

function list(option, given, allowed, groups = {}) {
  if (given === undefined) return allowed;
  const names = given
    .split(',')
    .filter((name) => name !== '')
    .flatMap((name) => groups[name] ?? [name]);
  const unknown = names.find((name) => !allowed.includes(name));
  if (unknown === undefined) return allowed.filter((name) => names.includes(name));
  throw new Error(
    `${option}: there is no '${unknown}'; there are ${[...allowed, ...Object.keys(groups)].join(', ')}`,
  );
}

function wholeNumber(option, given) {
  const number = Number(given);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new Error(`${option}: '${given}' is not a whole number of at least 1`);
}

function fileName(option, given) {
  if (given === undefined || /^[\w.-]+$/.test(given)) return given;
  throw new Error(`${option}: '${given}' is not a name of letters, digits, '.', '-' and '_'`);
}
