import { TweedieError } from '@tweedie/core';
import pc from 'picocolors';
import { exitCodes } from './failure.js';
import { openRegistry } from './open-registry.js';
import { writeResult } from './output.js';

export interface ListFlags {
  readonly plugin?: readonly string[];
  readonly json?: boolean;
}

/** A plug-in as `tweedie list --json` prints it. */
interface ListedPlugin {
  readonly kind: string;
  readonly name: string;
  readonly doc: string;
  readonly source: string | null;
}

/**
 * Prints the name of each plug-in and what it is.
 *
 * @param kind one kind of plug-ins; all where it is left out
 * @throws TweedieError UNKNOWN_NAME
 */
export async function listCommand(kind: string | undefined, flags: ListFlags): Promise<number> {
  const { registry } = await openRegistry(flags);
  const kinds = registry.kinds();
  const asked = kind === undefined ? kinds : kinds.filter((known) => known === kind);
  if (asked.length === 0) {
    throw new TweedieError({
      code: 'UNKNOWN_NAME',
      package: 'cli',
      given: `there is no kind of plug-in '${kind}'`,
      allowed: kinds.join(', '),
    });
  }
  const listed = asked.flatMap((kind): ListedPlugin[] =>
    registry.factories(kind).map(({ id, doc, source = null }) => ({ kind, name: id, doc, source })),
  );
  const width = Math.max(...listed.map(({ name }) => name.length));
  const sections = asked.map((kind) =>
    [
      pc.bold(kind),
      ...listed
        .filter((plugin) => plugin.kind === kind)
        .map(({ name, doc, source }) => {
          const from = source === null ? '' : pc.dim(` · ${source}`);
          return `  ${name.padEnd(width)}  ${doc}${from}`;
        }),
    ].join('\n'),
  );
  writeResult(`${flags.json ? JSON.stringify(listed) : sections.join('\n\n')}\n`);
  return exitCodes.ok;
}
