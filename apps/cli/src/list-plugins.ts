import { nearestName, TweedieError } from '@tweedie/core';
import pc from 'picocolors';
import { recipes } from 'tweedie';
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

/** What is listed of a factory or a recipe. */
interface Listable {
  readonly id: string;
  readonly doc: string;
  readonly source?: string;
}

/** A kind of plug-ins by its name, or by its plural. */
function findKind<Kind extends string>(asked: string, kinds: readonly Kind[]): Kind {
  const found = kinds.find((kind) => {
    const plurals = [`${kind}s`, `${kind}es`, kind.replace(/y$/, 'ies')];
    return kind === asked || plurals.includes(asked);
  });
  if (found !== undefined) return found;
  throw new TweedieError({
    code: 'UNKNOWN_NAME',
    package: 'cli',
    given: `there is no kind of plug-in '${asked}'`,
    allowed: kinds.join(', '),
    suggestion: nearestName(asked, kinds),
  });
}

/**
 * Prints the name of each plug-in, and of each recipe, and what it is.
 *
 * @param kind one kind of plug-ins, or 'recipe'; all where it is left out
 * @throws TweedieError UNKNOWN_NAME
 */
export async function listCommand(kind: string | undefined, flags: ListFlags): Promise<number> {
  const { registry, recipes: more } = await openRegistry(flags);
  const kinds = [...registry.kinds(), 'recipe'] as const;
  const asked = kind === undefined ? kinds : [findKind(kind, kinds)];
  const ours = recipes.filter(({ id }) => more.every((recipe) => recipe.id !== id));
  const plugins = (kind: (typeof kinds)[number]) =>
    kind === 'recipe' ? [...ours, ...more] : registry.factories(kind);
  const listed = asked.flatMap((kind): ListedPlugin[] =>
    plugins(kind).map(({ id, doc, source }: Listable) => ({
      kind,
      name: id,
      doc,
      source: source ?? null,
    })),
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
