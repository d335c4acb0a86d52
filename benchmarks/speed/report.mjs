import { significant, table } from './table.mjs';

/** Sides agree when their losses (or mean squares) differ by less than this, relatively. */
const AGREEMENT = 1e-3;

const nameOf = ({ label, share }) =>
  share < 1 ? `${label} (1/${1 / share} of the batch, scaled)` : label;

/** Columns of a workload's table: a title, and the cell of a side that was measured. */
const columns = [
  ['ms a step', ({ median }) => significant(median)],
  ['rounds', ({ milliseconds }) => range(milliseconds)],
  ['ours = 1', ({ ratio }) => (ratio === undefined ? '' : significant(ratio))],
  ['CPU ms', ({ processor }) => (processor === undefined ? '' : significant(processor))],
  ['threads', ({ threads }) => String(threads)],
  [
    'of the limit',
    // The limit is one of float32.
    ({ median, rounded }, { multiplyAdds, limit }) =>
      rounded ? '' : share(multiplyAdds, median, limit),
  ],
  ['peak MiB', ({ peak }) => (peak === undefined ? '' : (peak / 2 ** 20).toFixed(0))],
  ['load s', ({ loading }) => significant(loading / 1000)],
  ['first step s', ({ firstStep }) => significant(firstStep / 1000)],
  ['same numbers', agreement],
];

function range(milliseconds) {
  if (milliseconds.length === 1) return 'one round';
  return `${significant(Math.min(...milliseconds))} to ${significant(Math.max(...milliseconds))}`;
}

function share(multiplyAdds, median, limit) {
  if (multiplyAdds === undefined || limit === undefined) return '';
  return `${((100 * multiplyAdds) / (median * 1e6) / limit).toFixed(0)} %`;
}

function agreement({ ours, rounded, difference }) {
  if (ours) return 'reference';
  const size = difference === 0 ? '0' : difference.toExponential(0);
  if (rounded) return `rounded, to ${size}`;
  return difference < AGREEMENT ? `to ${size}` : `NO: ${size}`;
}

/** One workload's results as Markdown. */
export function formatWorkload({ title, sides, others, parameters, multiplyAdds }, { limits }) {
  const known = { multiplyAdds, limit: limits?.multiplyAdds };
  const shown = columns.filter(([name]) => name !== 'of the limit' || multiplyAdds !== undefined);
  const rows = sides.map((side) => {
    if (side.median === undefined) return [nameOf(side), side.reason, ...shown.slice(1).fill('')];
    return [nameOf(side), ...shown.map(([, cell]) => cell(side, known))];
  });
  const notes = [];
  const counted =
    multiplyAdds === undefined ? '' : `, ${significant(multiplyAdds / 1e9)} G multiply-adds a step`;
  if (parameters !== undefined) {
    notes.push(`- ${parameters.toLocaleString('en')} parameters${counted}.`);
  }
  for (const { label, versions, details, settings, failure, ...side } of sides) {
    if (failure !== undefined) notes.push(`- ${label}: failed with ${failure.split('\n')[0]}`);
    if (details === undefined) continue;
    const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
    const tuned = settings === undefined ? '' : `; fastest with ${list(settings)}`;
    notes.push(`- ${label}: ${named.join(', ')}; ${details}${tuned}`);
    if (side.parameters !== parameters) {
      notes.push(`- ${label}: NOT THE SAME NETWORK, ${side.parameters} parameters`);
    }
  }
  if (others !== undefined) {
    const [ofOthers, stolen] = [others.coresOfOthers, others.coresStolen].map((n) => n.toFixed(2));
    notes.push(
      `- While this ran, others kept ${ofOthers} cores busy and the hypervisor took ${stolen}.`,
    );
  }
  return [
    `## ${title}`,
    '',
    table(['side', ...shown.map(([name]) => name)], rows),
    '',
    ...notes,
  ].join('\n');
}

function list(settings) {
  return settings.length === 0 ? 'its defaults' : settings.join(', ');
}

/** Every side by every workload: times relative to ours. */
export function formatSummary(results) {
  const labels = [...new Set(results.flatMap(({ sides }) => sides.map(({ label }) => label)))];
  const cell = (side) => {
    if (side?.median === undefined) return side?.reason === undefined ? '' : '–';
    return side.ours
      ? `${significant(side.median)} ms`
      : `${significant(side.ratio)}${side.share < 1 ? ' *' : ''}`;
  };
  const rows = labels.map((label) => [
    label,
    ...results.map(({ sides }) => cell(sides.find((side) => side.label === label))),
  ]);
  return table(['side', ...results.map(({ name }) => name)], rows);
}

/** What this machine can do at most, as Markdown. */
function formatLimits({ rates, multiplyAdds, bandwidth }) {
  const rows = Object.entries(rates).map(([name, rate]) => [name, significant(rate)]);
  return [
    '## The limits of the machine',
    '',
    table(['in ONNX Runtime, with the same threads', 'G multiply-adds/s'], rows),
    '',
    `The limit is the best of them, ${significant(multiplyAdds)}. Memory: ${significant(bandwidth)} GB/s in sums of two arrays of 64 MiB.`,
  ].join('\n');
}

/** What each side needs on disk, as Markdown. */
function formatShipped(shipped) {
  const megabytes = (bytes) => (bytes === undefined ? '' : significant(bytes / 1e6));
  const rows = shipped.map(({ label, script, native, what }) => [
    label,
    megabytes(script),
    megabytes(native),
    megabytes((script ?? 0) + (native ?? 0)),
    what,
  ]);
  return [
    '## What each side ships',
    '',
    table(['side', 'scripts MB', 'wasm or native MB', 'together MB', 'of which'], rows),
  ].join('\n');
}

/** What was measured where, how and when, as Markdown. */
function formatMachine({ machine, settings, command, date }) {
  const set = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
  const facts = Object.entries({ ...machine, date, command, settings: set.join(', ') });
  return facts.map(([name, value]) => `- ${name}: ${value}`).join('\n');
}

/** All of a run as one page. */
export function formatPage({ results, limits, shipped, ...about }) {
  return [
    '# Results of the benchmarks',
    formatMachine(about),
    '## Summary',
    'Milliseconds a step of ours, and how many times as long the others take (medians of one measurement; \\* a share of the batch, scaled).',
    formatSummary(results),
    ...results.map((result) => formatWorkload(result, { limits })),
    ...(limits === undefined ? [] : [formatLimits(limits)]),
    ...(shipped === undefined ? [] : [formatShipped(shipped)]),
  ].join('\n\n');
}
