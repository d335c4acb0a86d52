import { startSide } from './side-process.mjs';
import { median } from './statistics.mjs';

/** One change at a time to how PyTorch runs; each is kept where it makes PyTorch faster. */
const changes = [
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

/** How PyTorch runs under some of the changes. */
function variant(python, script, threads, chosen) {
  return {
    labels: chosen.map(({ label }) => label),
    settings: Object.assign({}, ...chosen.map(({ settings }) => settings)),
    program: {
      command: python,
      args: [script, String(Math.min(threads, ...chosen.map((c) => c.threads ?? threads)))],
      environment: Object.assign(
        { PYTHONDONTWRITEBYTECODE: '1' },
        ...chosen.map(({ environment }) => environment),
      ),
    },
  };
}

/** A shorter round than those that count. */
async function timed(side, { budget, atMost }) {
  const request = { do: 'time', budget: budget / 2, atMost: Math.ceil(atMost / 2) };
  return median((await side.ask(request)).milliseconds);
}

/**
 * Finds the settings that PyTorch is fastest with: from its defaults, each change in turn against the
 * best so far, the two measured by turns.
 *
 * @returns the best variant, with what was tried
 */
export async function tunePyTorch({ python, script, threads, folder, workload, turns = 3 }) {
  const open = async (candidate) => {
    const side = startSide(candidate.program);
    await side.ask({ do: 'open', folder, settings: candidate.settings });
    await side.ask({ do: 'numbers', steps: 3 });
    return { candidate, side };
  };
  const chosen = [];
  const tried = [];
  let best = await open(variant(python, script, threads, chosen));
  for (const change of changes) {
    const applies =
      change.only === undefined ||
      change.only.includes(workload.kind) ||
      change.only.includes(workload.network.name);
    if (!applies || change.threads === threads) continue;
    const other = await open(variant(python, script, threads, [...chosen, change]));
    const times = { best: [], other: [] };
    for (let i = 0; i < turns; i++) {
      times.best.push(await timed(best.side, workload.round));
      times.other.push(await timed(other.side, workload.round));
    }
    const before = median(times.best);
    const after = median(times.other);
    const kept = after < before;
    tried.push({ change: change.label, before, after, kept });
    await (kept ? best : other).side.end();
    if (kept) {
      chosen.push(change);
      best = other;
    }
  }
  await best.side.end();
  return { ...best.candidate, tried };
}
