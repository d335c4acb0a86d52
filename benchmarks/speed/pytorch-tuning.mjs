import { join } from 'node:path';
import { openSide } from './opened-side.mjs';
import { median } from './statistics.mjs';

/** One change at a time to how PyTorch runs; each is kept where it makes PyTorch faster. */
const eagerChanges = [
  // Busy waiting is fast on an idle machine and very slow on a shared one.
  { label: 'OMP_WAIT_POLICY=PASSIVE', environment: { OMP_WAIT_POLICY: 'PASSIVE' } },
  {
    // Without it the allocator gives big blocks back to the system and page-faults at every step.
    label: 'MALLOC_MMAP_THRESHOLD_ and MALLOC_TRIM_THRESHOLD_',
    environment: { MALLOC_MMAP_THRESHOLD_: '2000000000', MALLOC_TRIM_THRESHOLD_: '4000000000' },
  },
  { label: 'fused AdamW', settings: { fused: true }, only: ['train'] },
  { label: 'channels_last', settings: { channelsLast: true }, only: ['unet2d'] },
  { label: 'one thread', threads: 1 },
];

/** What torch.compile may do beyond its defaults. */
const compiledChanges = [
  { label: 'freezing', settings: { freezing: true }, only: ['sample'] },
  // Less of a step in Python, which counts where the step is short.
  { label: 'cpp_wrapper', settings: { cppWrapper: true }, only: ['mlp'] },
];

/** How PyTorch runs under some of the changes. */
function variant({ command, script, threads, environment }, settings, chosen) {
  return {
    labels: chosen.map(({ label }) => label),
    settings: Object.assign({ ...settings }, ...chosen.map((change) => change.settings)),
    program: {
      command,
      args: [script, String(Math.min(threads, ...chosen.map((c) => c.threads ?? threads)))],
      environment: Object.assign(
        { PYTHONDONTWRITEBYTECODE: '1', ...environment },
        ...chosen.map((change) => change.environment),
      ),
    },
  };
}

function applies({ only }, { kind, network }) {
  return only === undefined || only.includes(kind) || only.includes(network.name);
}

/** A shorter round than those that count. */
async function timed(side, { budget, atMost }) {
  const request = { do: 'time', budget: budget / 2, atMost: Math.ceil(atMost / 2) };
  return median((await side.ask(request)).milliseconds);
}

/**
 * Finds the settings that PyTorch is fastest with: from where it begins, each change in turn against
 * the best so far, the two measured by turns.
 *
 * @param context {python: {command, script}, threads, folder, workload, steps}
 * @param from changes that are made already
 * @returns the best variant, opened, with what was chosen and tried
 */
async function tune({ python, threads, folder, workload, steps, turns = 3 }, plan) {
  const { settings = {}, environment = () => ({}), from = [], changes = [] } = plan;
  const open = async (chosen) => {
    const candidate = variant({ ...python, threads, environment: environment() }, settings, chosen);
    return { ...candidate, opened: await openSide({ ...candidate, folder, steps }) };
  };
  const chosen = [...from];
  const tried = [];
  let best = await open(chosen);
  for (const change of changes) {
    if (!applies(change, workload) || change.threads === threads) continue;
    let other;
    try {
      other = await open([...chosen, change]);
    } catch (error) {
      // A change that this PyTorch does not take is no choice.
      tried.push({ change: change.label, kept: false, failed: error.message });
      continue;
    }
    const times = { best: [], other: [] };
    for (let i = 0; i < turns; i++) {
      times.best.push(await timed(best.opened.side, workload.round));
      times.other.push(await timed(other.opened.side, workload.round));
    }
    const before = median(times.best);
    const after = median(times.other);
    const kept = after < before;
    tried.push({ change: change.label, before, after, kept });
    await (kept ? best : other).opened.side.end();
    if (kept) {
      chosen.push(change);
      best = other;
    }
  }
  return { ...best, chosen, tried };
}

/**
 * PyTorch operation by operation, at its best.
 *
 * @param from changes that are known to serve, in place of a search
 */
export function tuneEager(context, from) {
  return from === undefined
    ? tune(context, { changes: eagerChanges })
    : tune(context, { from: from.filter((change) => applies(change, context.workload)) });
}

/**
 * The same compiled by torch.compile. Each candidate compiles into a folder of its own, so that the
 * first step is a cold one.
 *
 * @param eager the changes that serve it best without
 * @param from changes of the compiler that are known to serve, in place of a search
 */
export function tuneCompiled(context, eager, from) {
  let count = 0;
  const plan = {
    settings: { compile: true },
    environment: () => ({
      TORCHINDUCTOR_CACHE_DIR: join(context.folder, `compiled-${count++}`),
    }),
  };
  if (from === undefined) return tune(context, { ...plan, from: eager, changes: compiledChanges });
  // Constant weights, which only sampling has, are taken without a search.
  const known = compiledChanges.filter(
    (change) =>
      applies(change, context.workload) && (from.includes(change) || change.settings.freezing),
  );
  return tune(context, { ...plan, from: [...eager, ...known] });
}
