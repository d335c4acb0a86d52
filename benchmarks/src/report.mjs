import { significant, table } from './table.mjs';

/** Sides agree when their losses (or mean squares) differ by less than this, relatively. */
const AGREEMENT = 1e-3;

function row(side) {
  const name =
    side.share < 1 ? `${side.label} (1/${1 / side.share} of the batch, scaled)` : side.label;
  if (side.milliseconds === undefined) return [name, side.reason, '', '', '', '', '', ''];
  const { milliseconds, difference } = side;
  return [
    name,
    significant(side.median),
    milliseconds.length === 1
      ? 'one round'
      : `${significant(Math.min(...milliseconds))} to ${significant(Math.max(...milliseconds))}`,
    significant(side.ratio),
    significant(side.processor),
    String(side.threads),
    side.parameters.toLocaleString('en'),
    agreement(side.id, difference),
  ];
}

function agreement(id, difference) {
  if (id === 'ours') return 'reference';
  const size = difference === 0 ? '0' : difference.toExponential(0);
  return difference < AGREEMENT ? `to ${size}` : `NO: ${size}`;
}

/** One workload's results as Markdown. */
export function formatSitting({ title, sides, others }) {
  const header = [
    'side',
    'ms a step',
    'rounds',
    'ours = 1',
    'CPU ms',
    'threads',
    'parameters',
    'same numbers',
  ];
  const notes = sides
    .filter(({ details }) => details !== undefined)
    .map(({ label, versions, details, settings }) => {
      const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
      const tuned = settings === undefined ? '' : `; fastest with ${list(settings)}`;
      return `- ${label}: ${named.join(', ')}; ${details}${tuned}`;
    });
  const load =
    others === undefined
      ? []
      : [
          `- While this ran, others kept ${others.coresOfOthers.toFixed(2)} cores busy and the hypervisor took ${others.coresStolen.toFixed(2)}.`,
        ];
  return [`## ${title}`, '', table(header, sides.map(row)), '', ...notes, ...load].join('\n');
}

function list(settings) {
  return settings.length === 0 ? 'its defaults' : settings.join(', ');
}

/** What was measured where, how and when, as Markdown. */
export function formatMachine({ machine, command, date }) {
  const facts = Object.entries({ ...machine, date, command });
  return facts.map(([name, value]) => `- ${name}: ${value}`).join('\n');
}
