import type { Compiled, PureFunction, TreeStructure } from '@tweedie/core';
import { flattenTree, TweedieError } from '@tweedie/core';
import type { LeafType } from '../ir/element-type.js';
import { leafType, takeArguments } from '../programs/arguments.js';
import type { Program } from '../programs/program.js';
import { impure } from '../trace/impure.js';
import { traceBackend } from '../trace/register.js';
import { type BuildSettings, build } from './build.js';

export interface CompileSettings extends BuildSettings {
  /** How many programs, one for each set of shapes, a function keeps. */
  readonly cacheSize: number;
}

/** A program, and the calls that use it: it is released only after the last of them. */
interface Entry {
  readonly program: Promise<Program>;
  /** The program once it is there. */
  made?: Program;
  calls: Promise<void>;
}

/**
 * Makes a function that is traced at the first call with each structure, shapes and types.
 *
 * @param onDispose called once it holds nothing any more
 * @param how 'scan' runs a function of a state and inputs once for each entry of the inputs
 */
export function compileFunction<F extends PureFunction>(
  fn: F,
  settings: CompileSettings,
  onDispose: () => void = () => {},
  how: 'once' | 'scan' = 'once',
): Compiled<F> {
  // In order of use, the least recent first.
  const entries = new Map<string, Entry>();
  let disposed = false;
  let evictions: Promise<void> = Promise.resolve();

  const entryFor = (
    types: readonly LeafType[],
    structure: TreeStructure,
    carried: number | undefined,
  ): Entry => {
    const key = `${structure.key} ${types.map(({ type, shape }) => `${type}[${shape}]`)}`;
    const known = entries.get(key);
    // What was lost with its thread is built anew.
    if (known !== undefined && known.made?.isLost !== true) {
      entries.delete(key);
      entries.set(key, known);
      return known;
    }
    const program = build({ fn, argumentTypes: types, structure, carried }, settings);
    const entry: Entry = { program, calls: Promise.resolve() };
    entries.set(key, entry);
    program.then(
      (made) => {
        entry.made = made;
      },
      () => {
        if (entries.get(key) === entry) entries.delete(key);
      },
    );
    for (const [oldest, evicted] of entries) {
      if (entries.size <= settings.cacheSize) break;
      entries.delete(oldest);
      evictions = Promise.allSettled([evictions, release(evicted)]).then(() => {});
    }
    return entry;
  };

  const run = async (args: Parameters<F>): Promise<ReturnType<F>> => {
    if (disposed) {
      throw new TweedieError({
        code: 'INVALID_VALUE',
        package: 'backend-onnx',
        given: 'a compiled function was called after it was disposed',
        fix: 'compile it again',
      });
    }
    const { leaves, structure } = flattenTree(args);
    const carried = how === 'scan' ? flattenTree(args[0]).leaves.length : undefined;
    const entry = entryFor(leaves.map(leafType), structure, carried);
    const { taken, release } = takeArguments(leaves, settings.tensorBackend);
    const result = Promise.all([entry.program, taken])
      .then(([program, args]) => program.run(args))
      .finally(release);
    // Settles with the last call and holds no result.
    entry.calls = Promise.allSettled([entry.calls, result]).then(() => {});
    return (await result) as ReturnType<F>;
  };

  const compiled = (...args: Parameters<F>): Promise<ReturnType<F>> => {
    const tracing = traceBackend();
    return tracing.isTracing ? tracing.refuse(nested()) : run(args);
  };

  let ending: Promise<void> | undefined;
  const end = async () => {
    const held = [...entries.values()];
    entries.clear();
    await Promise.all([evictions, ...held.map(release)]).finally(onDispose);
  };

  return Object.assign(compiled, {
    dispose() {
      disposed = true;
      ending ??= end();
      return ending;
    },
  });
}

const nested = () =>
  impure({
    given: 'a compiled function is called inside a function that is being traced',
    fix: 'call the plain function there',
  });

async function release({ program, calls }: Entry): Promise<void> {
  await calls;
  // A program that could not be made holds nothing.
  const made = await program.catch(() => undefined);
  await made?.release();
}
