import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FaultPlan, type Refusal, refusals } from './fault-plan.js';

/** How a function of `node:fs` gives its result. */
type Style = 'promise' | 'sync' | 'callback';
// biome-ignore lint/suspicious/noExplicitAny: functions of node:fs are replaced whatever they take
type AnyFunction = (...args: any[]) => any;
type Functions = Record<string, AnyFunction>;

/** An operation that is under way. */
interface Operation {
  readonly name: string;
  readonly paths: readonly string[];
  /** Whether it changes anything. */
  readonly writes: boolean;
}

const ofPaths = {
  reading: [
    ...['stat', 'lstat', 'readdir', 'readFile', 'access', 'realpath', 'readlink', 'opendir'],
    'statfs',
  ],
  writing: [
    ...['open', 'writeFile', 'appendFile', 'rename', 'rm', 'rmdir', 'unlink', 'mkdir', 'mkdtemp'],
    ...['truncate', 'link', 'symlink', 'copyFile', 'cp', 'chmod', 'utimes'],
  ],
};
const ofHandles = {
  reading: ['read', 'readv', 'readFile', 'stat', 'readLines'],
  writing: ['write', 'writev', 'writeFile', 'appendFile', 'sync', 'datasync', 'truncate', 'close'],
};
const ofDescriptors = {
  reading: ['read', 'readv', 'fstat'],
  writing: ['write', 'writev', 'fsync', 'fdatasync', 'ftruncate', 'close'],
};
/** Those whose content, at this place among the arguments, may be torn. */
const contentAt: Readonly<Record<string, number>> = { writeFile: 1, appendFile: 1, write: 1 };
const handleContentAt: Readonly<Record<string, number>> = { writeFile: 0, appendFile: 0, write: 0 };

/**
 * Replaces the functions of `node:fs` in this process by ones that count the operations on a folder
 * and let one of them fail, or end the process. The program under test is not changed and knows
 * nothing of it: `import { open } from 'node:fs/promises'` gives the replaced function as well.
 */
export function installFileLayer(plan: FaultPlan): void {
  const layer = createLayer(plan);
  const promises = fs.promises as unknown as Functions;
  const module = fs as unknown as Functions;
  for (const writes of [false, true]) {
    const kind = writes ? 'writing' : 'reading';
    for (const name of ofPaths[kind]) {
      replacePaths(promises, name, 'promise', writes, layer);
      replacePaths(module, name, 'callback', writes, layer);
      replacePaths(module, `${name}Sync`, 'sync', writes, layer);
    }
    for (const name of ofDescriptors[kind]) {
      replaceDescriptors(module, name, 'callback', writes, layer);
      replaceDescriptors(module, `${name}Sync`, 'sync', writes, layer);
    }
  }
  replaceHandles(promises, layer);
  syncBuiltinESMExports();
}

interface Layer {
  /** True when the path is in the folder. */
  covers(path: unknown): path is string;
  /** Paths of open files, by handle or descriptor. */
  readonly open: Map<object | number, string>;
  /**
   * Counts an operation and does what the plan says of it.
   *
   * @param run does it; with `half`, writes half of what it was given
   */
  perform(operation: Operation, style: Style, run: Run, args: unknown[]): unknown;
}
type Run = (half: boolean, args: unknown[]) => unknown;

/** The functions of `node:fs` before they were replaced. */
const original = { ...fs };

function createLayer({ folder, log, at, fault }: FaultPlan): Layer {
  let count = 0;
  // Operations that Node makes out of others count once.
  let inside = 0;
  /** Sizes of files when they were last flushed, of those that were written since. */
  const flushed = new Map<string, number>();
  const logFile = log === undefined ? undefined : original.openSync(log, 'a');

  const sizeOf = (path: string) => original.statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const end = (): never => {
    process.kill(process.pid, 'SIGKILL');
    throw new Error('SIGKILL came back');
  };
  const losePower = (): never => {
    for (const [path, size] of flushed) {
      if (sizeOf(path) > size) original.truncateSync(path, size);
    }
    return end();
  };
  /** Notes what would be lost. */
  const note = ({ name, paths }: Operation) => {
    const [path, target] = paths as [string, string | undefined];
    const plain = name.replace(/Sync$/, '');
    if (/^(f|fdata|data)?sync$/.test(plain)) flushed.delete(path);
    else if (/^(write|writev|writeFile|appendFile)$/.test(plain)) {
      if (!flushed.has(path)) flushed.set(path, plain === 'writeFile' ? 0 : sizeOf(path));
    } else if (plain === 'rename' && target !== undefined) {
      const size = flushed.get(path);
      flushed.delete(path);
      flushed.delete(target);
      if (size !== undefined) flushed.set(target, size);
    } else if (plain === 'link' && target !== undefined) {
      const size = flushed.get(path);
      if (size !== undefined) flushed.set(target, size);
    } else if (plain === 'unlink' || plain === 'rm') flushed.delete(path);
  };

  return {
    covers: (path): path is string =>
      typeof path === 'string' && (path === folder || path.startsWith(`${folder}${sep}`)),
    open: new Map(),
    perform(operation, style, run, args) {
      if (inside > 0) return run(false, args);
      const index = count++;
      if (logFile !== undefined) {
        const paths = operation.paths.map((path) => path.slice(folder.length) || '.');
        original.writeSync(logFile, `${index} ${operation.name} ${paths.join(' ')}\n`);
      }
      const whole = (half = false, given = args) => {
        inside++;
        try {
          return run(half, given);
        } finally {
          inside--;
        }
      };
      const hit = fault !== undefined && index === at;
      if (hit && fault.kind === 'power-failure') return losePower();
      if (hit && fault.kind === 'death' && fault.when === 'before') return end();
      note(operation);
      if (hit && fault.kind === 'death') {
        const half = fault.when === 'torn';
        if (style === 'sync') {
          whole(half);
          return end();
        }
        if (style === 'callback') {
          const given = [...args];
          given[given.length - 1] = end;
          return whole(half, given);
        }
        return (whole(half) as Promise<unknown>).then(end, end);
      }
      const refused =
        fault?.kind === 'refusal' &&
        (hit || (fault.lasting && operation.writes && at !== undefined && index > at));
      if (!refused) return whole();
      return refuse(operation, fault.code, style, whole, args);
    },
  };
}

/** Fails as the system would: a file that is closed is closed, of what is written half is there. */
function refuse(
  { name, paths }: Operation,
  code: Refusal,
  style: Style,
  run: (half?: boolean, args?: unknown[]) => unknown,
  args: unknown[],
): unknown {
  const partly = /^(close|write|writev|writeFile|appendFile)(Sync)?$/.test(name);
  const error = Object.assign(
    new Error(`${code}: ${refusals[code]}, ${name} '${paths.join("' -> '")}'`),
    { code, syscall: name, path: paths[0] },
  );
  if (style === 'sync') {
    if (partly) run(true);
    throw error;
  }
  if (style === 'callback') {
    const callback = args.at(-1) as (error: Error) => void;
    const fail = () => callback(error);
    if (!partly) return process.nextTick(fail);
    return run(true, [...args.slice(0, -1), fail]);
  }
  const before = partly ? (run(true) as Promise<unknown>) : Promise.resolve();
  return before.then(() => {
    throw error;
  });
}

/** The first half of what is to be written. */
function halfOf(content: unknown): unknown {
  if (typeof content === 'string') return content.slice(0, content.length >> 1);
  if (content instanceof Uint8Array) return content.subarray(0, content.length >> 1);
  return content;
}

/** The arguments of a function that writes, which then writes half of it. */
function withHalf(args: unknown[], place: number | undefined): unknown[] {
  if (place === undefined) return args;
  // write(buffer, offset, length)
  const length = args[place + 2];
  if (typeof length === 'number') return args.with(place + 2, length >> 1);
  return args.with(place, halfOf(args[place]));
}

function pathOf(value: unknown): unknown {
  if (value instanceof URL) return fileURLToPath(value);
  return value instanceof Uint8Array ? Buffer.from(value).toString() : value;
}

/** Functions whose first argument is a path, or whose first two are. */
function replacePaths(
  module: Functions,
  name: string,
  style: Style,
  writes: boolean,
  layer: Layer,
): void {
  const before = module[name];
  if (before === undefined) return;
  const plain = name.replace(/Sync$/, '');
  const two = ['rename', 'link', 'symlink', 'copyFile', 'cp'].includes(plain);
  const replaced: AnyFunction = function (this: unknown, ...args) {
    const paths = args
      .slice(0, two ? 2 : 1)
      .map(pathOf)
      .filter(layer.covers);
    if (paths.length === 0) return before.apply(this, args);
    const opensToRead = plain === 'open' && isForReading(args[1]);
    const run: Run = (half, given) => {
      const result = before.apply(this, half ? withHalf(given, contentAt[plain]) : given);
      return plain === 'open' ? remember(result, style, paths[0]!, layer) : result;
    };
    if (plain === 'open' && style === 'callback') {
      const callback = args.at(-1) as AnyFunction;
      args[args.length - 1] = (error: unknown, descriptor: number) => {
        if (!error) layer.open.set(descriptor, paths[0]!);
        callback(error, descriptor);
      };
    }
    return layer.perform({ name, paths, writes: writes && !opensToRead }, style, run, args);
  };
  // Such as `realpath.native`.
  module[name] = Object.assign(replaced, before);
}

function isForReading(flags: unknown): boolean {
  if (typeof flags !== 'number') return flags === undefined || flags === 'r';
  const { O_WRONLY, O_RDWR, O_CREAT } = fs.constants;
  return (flags & (O_WRONLY | O_RDWR | O_CREAT)) === 0;
}

function remember(result: unknown, style: Style, path: string, layer: Layer): unknown {
  if (style === 'sync') layer.open.set(result as number, path);
  if (style !== 'promise') return result;
  return (result as Promise<object>).then((handle) => {
    layer.open.set(handle, path);
    // A field of each handle, where the others are methods of their class.
    if (Object.hasOwn(handle, 'close')) replaceMethod(handle as Functions, 'close', true, layer);
    return handle;
  });
}

/** Functions whose first argument is a descriptor. */
function replaceDescriptors(
  module: Functions,
  name: string,
  style: Style,
  writes: boolean,
  layer: Layer,
): void {
  const before = module[name]!;
  const plain = name.replace(/Sync$/, '');
  const replaced: AnyFunction = function (this: unknown, ...args) {
    const path = layer.open.get(args[0]);
    if (path === undefined) return before.apply(this, args);
    const run: Run = (half, given) =>
      before.apply(this, half ? withHalf(given, contentAt[plain]) : given);
    if (plain === 'close') layer.open.delete(args[0]);
    return layer.perform({ name, paths: [path], writes }, style, run, args);
  };
  module[name] = Object.assign(replaced, before);
}

/** Methods of the handles that `node:fs/promises` opens. */
function replaceHandles(promises: Functions, layer: Layer): void {
  // The class is not exported; a handle leads to it.
  const open = promises.open!;
  let done = false;
  promises.open = async (...args) => {
    const handle = await open(...args);
    if (!done) {
      done = true;
      const methods = Object.getPrototypeOf(handle) as Functions;
      for (const name of ofHandles.reading) replaceMethod(methods, name, false, layer);
      for (const name of ofHandles.writing) replaceMethod(methods, name, true, layer);
    }
    return handle;
  };
}

function replaceMethod(methods: Functions, name: string, writes: boolean, layer: Layer): void {
  const before = methods[name]!;
  methods[name] = function (this: object, ...args) {
    const path = layer.open.get(this);
    // Lines are read by a stream, which gives no promise.
    if (path === undefined || name === 'readLines') return before.apply(this, args);
    const run: Run = (half, given) =>
      before.apply(this, half ? withHalf(given, handleContentAt[name]) : given);
    if (name === 'close') layer.open.delete(this);
    return layer.perform({ name, paths: [path], writes }, 'promise', run, args);
  };
}
