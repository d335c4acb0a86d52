import type { Compiled, PureFunction, TreeStructure } from '@tweedie/core';
import { flattenTree, TweedieError } from '@tweedie/core';
import { impure } from '../trace/impure.js';
import { traceBackend } from '../trace/register.js';
import type { LeafType } from '../trace/trace.js';
import { leafType, readData } from './arguments.js';
import { type BuildSettings, build } from './build.js';
import type { Program } from './program.js';

export interface CompileSettings extends BuildSettings {
  /** How many programs, one for each set of shapes, a function keeps. */
  readonly cacheSize: number;
}

/** Makes a function that is traced at the first call with each structure, shapes and types. */
export function compileFunction<F extends PureFunction>(
  fn: F,
  settings: CompileSettings,
): Compiled<F> {
  // In order of use, the least recent first.
  const programs = new Map<string, Promise<Program>>();
  let disposed = false;

  const programFor = (types: readonly LeafType[], structure: TreeStructure): Promise<Program> => {
    const key = `${structure.key} ${types.map(({ type, shape }) => `${type}[${shape}]`)}`;
    const known = programs.get(key);
    if (known !== undefined) {
      programs.delete(key);
      programs.set(key, known);
      return known;
    }
    const made = build({ fn, argumentTypes: types, structure }, settings);
    programs.set(key, made);
    made.catch(() => programs.delete(key));
    evict();
    return made;
  };

  const evict = () => {
    for (const [key, program] of programs) {
      if (programs.size <= settings.cacheSize) return;
      programs.delete(key);
      void release(program);
    }
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
    const types = leaves.map(leafType);
    // The reads begin before anything is awaited: the caller may dispose the arguments meanwhile.
    const [data, program] = await Promise.all([
      Promise.all(leaves.map(readData)),
      programFor(types, structure),
    ]);
    return (await program.run(data)) as ReturnType<F>;
  };

  const compiled = (...args: Parameters<F>): Promise<ReturnType<F>> => {
    const tracing = traceBackend();
    return tracing.isTracing ? tracing.refuse(nested()) : run(args);
  };

  return Object.assign(compiled, {
    async dispose() {
      disposed = true;
      const held = [...programs.values()];
      programs.clear();
      await Promise.all(held.map(release));
    },
  });
}

const nested = () =>
  impure({
    given: 'a compiled function is called inside a function that is being traced',
    fix: 'call the plain function there',
  });

/** A program that failed to be made holds nothing. */
async function release(program: Promise<Program>): Promise<void> {
  const made = await program.catch(() => undefined);
  await made?.release();
}
