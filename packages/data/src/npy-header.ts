import { TweedieError } from '@tweedie/core';
import { checkLimit, type DataLimits } from './limits.js';
import { type NpyKind, npyKinds } from './npy-kinds.js';
import { type PythonLiteral, parsePythonLiteral } from './python-literal.js';

/** What the header of an NPY file says. */
export interface NpyHeader {
  readonly kind: NpyKind;
  readonly littleEndian: boolean;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where the numbers begin. */
  readonly end: number;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/**
 * Reads the header of an NPY file as NumPy does: versions 1.0, 2.0 and 3.0, and a Python dictionary of
 * exactly 'descr', 'fortran_order' and 'shape' (`numpy/lib/_format_impl.py`).
 *
 * @throws TweedieError CORRUPT_FILE for what NumPy refuses, UNSUPPORTED for other kinds of numbers and
 * beyond a limit
 */
export function parseNpyHeader(bytes: Uint8Array, source: string, limits: DataLimits): NpyHeader {
  const corrupt = (given: string, allowed: string, cause?: unknown) =>
    new TweedieError({
      code: 'CORRUPT_FILE',
      package: 'data',
      given: `${source} ${given}`,
      allowed,
      ...(cause === undefined ? {} : { cause }),
    });
  if (bytes.length < 10 || magic.some((byte, i) => bytes[i] !== byte)) {
    throw corrupt('does not begin like an NPY file', "a file written by NumPy's save()");
  }
  const [major, minor] = [bytes[6]!, bytes[7]!];
  if (major < 1 || major > 3 || minor !== 0) {
    throw corrupt(`is of the NPY version ${major}.${minor}`, 'versions 1.0, 2.0 and 3.0');
  }
  const start = major === 1 ? 10 : 12;
  if (bytes.length < start) throw corrupt('ends inside its header', `${start} bytes of header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const end = start + length;
  if (bytes.length < end) throw corrupt('ends inside its header', `${end} bytes of header`);
  // A character takes at most four bytes.
  const given = `${source} has a header of ${length} bytes`;
  checkLimit('npyHeader', major === 3 ? Math.ceil(length / 4) : length, limits, given);
  let dict: ReadonlyMap<PythonLiteral, PythonLiteral>;
  try {
    const text = decodeText(bytes.subarray(start, end), major === 3);
    checkLimit('npyHeader', text.length, limits, given);
    const value = parsePythonLiteral(text, major < 3);
    if (typeof value !== 'object' || value === null || !('dict' in value)) {
      throw new Error('no dictionary');
    }
    dict = value.dict;
  } catch (cause) {
    if (TweedieError.isInstance(cause)) throw cause;
    throw corrupt(
      `has a header that is not what NumPy writes (${(cause as Error).message})`,
      "{'descr': …, 'fortran_order': …, 'shape': …}",
      cause,
    );
  }
  const keys = [...dict.keys()].map(String);
  if (keys.sort().join() !== 'descr,fortran_order,shape') {
    throw corrupt(
      `has a header of the keys ${shortened(keys.join(', '))}`,
      'descr, fortran_order and shape',
    );
  }
  const fortranOrder = dict.get('fortran_order');
  if (typeof fortranOrder !== 'boolean') {
    throw corrupt("has a header in which 'fortran_order' is no truth value", 'True or False');
  }
  const shape = shapeOf(dict.get('shape')!);
  if (shape === undefined) {
    throw corrupt(
      'has a header without a shape',
      "'shape': a tuple of whole numbers of at least 0",
    );
  }
  checkLimit('axes', shape.length, limits, `${source} has ${shape.length} axes`);
  const descriptor = dict.get('descr')!;
  const found = typeof descriptor === 'string' ? kindOf(descriptor) : undefined;
  if (found === undefined) {
    throw new TweedieError({
      code: 'UNSUPPORTED',
      package: 'data',
      given: `${source} holds numbers of another kind: ${describe(descriptor)}`,
      allowed: npyKinds.map(({ names }) => names[0]).join(', '),
      fix: 'convert it with array.astype(numpy.float32)',
    });
  }
  return { ...found, fortranOrder, shape, end };
}

/** NumPy reads headers before version 3 as Latin-1: a character a byte. */
function decodeText(bytes: Uint8Array, utf8: boolean): string {
  if (utf8) return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function shapeOf(value: PythonLiteral): readonly number[] | undefined {
  if (typeof value !== 'object' || value === null || !('tuple' in value)) return undefined;
  const extents = value.tuple.map((item) => (typeof item === 'bigint' ? Number(item) : Number.NaN));
  return extents.every((extent) => Number.isSafeInteger(extent) && extent >= 0)
    ? extents
    : undefined;
}

/** '<f4' is a kind of numbers and its byte order; '|' and '=' are the machine's, as without one. */
function kindOf(descriptor: string) {
  const code = descriptor.replace(/^[<>|=]/, '');
  // Whole words stand alone.
  if (code !== descriptor && code.length > 2) return undefined;
  const kind = npyKinds.find(({ names }) => names.includes(code));
  return kind === undefined ? undefined : { kind, littleEndian: !descriptor.startsWith('>') };
}

function describe(descriptor: PythonLiteral): string {
  if (typeof descriptor === 'string') return `'${shortened(descriptor)}'`;
  return descriptor !== null && typeof descriptor === 'object' ? 'records' : String(descriptor);
}

function shortened(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}
