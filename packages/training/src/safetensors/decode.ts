import { type HostArray, hostArray, recordOf, sizeOf, TweedieError } from '@tweedie/core';
import { checkLimit, type SafetensorsLimits, withLimits } from '../limits.js';
import { corruptFile } from './corrupt-file.js';
import { storedTypes, unreadableTypes } from './dtypes.js';
import { parseHeaderJson } from './header-json.js';

export interface SafetensorsContent {
  readonly tensors: Readonly<Record<string, HostArray>>;
  readonly metadata: Readonly<Record<string, string>>;
}

interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads a safetensors file: eight bytes with the header's length, a JSON header, and the tensors'
 * bytes without gaps. Floats of 16, 32 and 64 bits come as float32, whole numbers and booleans as
 * int32. What the reference implementation refuses is refused, and so are names that come twice, of
 * which it takes the last. https://huggingface.co/docs/safetensors
 *
 * @param source what the bytes are, for messages: a file's name
 * @param limits where they differ from `safetensorsLimits`
 * @returns tensors in the order of the file; they share no memory with `bytes`. The records have no
 * prototype, so that a name is in them only when it is in the file
 * @throws TweedieError CORRUPT_FILE that names the broken rule; UNSUPPORTED for a number type or a
 * whole number that has no place among ours, and beyond a limit
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  source = 'the safetensors file',
  limits: Partial<SafetensorsLimits> = {},
): SafetensorsContent {
  const allowed = withLimits(limits);
  const { header, dataStart } = parseHeader(bytes, source, allowed);
  const entries: Entry[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name !== '__metadata__') entries.push(parseEntry(name, entry, source, allowed));
  }
  // Tensors without elements share their offset with the next one.
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCover(entries, bytes.length - dataStart, source);
  // Without a prototype, since a tensor's name may be 'constructor' or '__proto__'.
  const tensors = recordOf<HostArray>();
  for (const entry of entries) tensors[entry.name] = readTensor(bytes, dataStart, entry, source);
  return { tensors, metadata: parseMetadata(header.__metadata__, source) };
}

function parseHeader(bytes: Uint8Array, source: string, limits: SafetensorsLimits) {
  if (bytes.length < 8) {
    throw corruptFile(source, `it has ${bytes.length} bytes, and the header's length takes 8`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  const dataStart = 8 + length;
  if (dataStart > bytes.length) {
    throw corruptFile(source, `its header ends at byte ${dataStart}, the file at ${bytes.length}`);
  }
  checkLimit('headerBytes', length, limits, `${source}: its header has ${length} bytes`);
  let text: string;
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    text = decoder.decode(bytes.subarray(8, dataStart));
  } catch (cause) {
    throw corruptFile(source, 'its header is not UTF-8', cause);
  }
  const header = parseHeaderJson(text, `${source}: its header`, limits);
  if (!isRecord(header)) throw corruptFile(source, 'its header is no JSON object');
  return { header, dataStart };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseMetadata(metadata: unknown, source: string): Readonly<Record<string, string>> {
  // The reference takes null for none.
  if (metadata === undefined || metadata === null) return recordOf();
  if (isRecord(metadata) && Object.values(metadata).every((value) => typeof value === 'string')) {
    return metadata as Record<string, string>;
  }
  throw corruptFile(source, 'its metadata is not a record of texts');
}

function parseEntry(
  name: string,
  entry: unknown,
  source: string,
  limits: SafetensorsLimits,
): Entry {
  const subject = `tensor '${shown(name)}'`;
  const refuse = (given: string) => corruptFile(source, `${subject} ${given}`);
  if (!isRecord(entry)) throw refuse('is not described');
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isCounts(shape)) throw refuse(`has the shape ${shown(asWritten(shape))}`);
  const rank = shape.length;
  checkLimit('axes', rank, limits, `${source}: ${subject} has ${rank} axes`);
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    throw refuse(`has the offsets ${shown(asWritten(offsets))}`);
  }
  if (typeof dtype === 'string' && unreadableTypes.includes(dtype)) {
    throw unsupported(`${source}: ${subject} has the type ${dtype}`);
  }
  if (typeof dtype !== 'string' || !Object.hasOwn(storedTypes, dtype)) {
    throw refuse(`has the type ${shown(String(JSON.stringify(dtype)))}`);
  }
  const [begin, end] = offsets as [number, number];
  const needed = sizeOf(shape) * storedTypes[dtype]!.bytes;
  if (needed !== end - begin) {
    throw refuse(
      `of type ${dtype} and shape [${shape.join(', ')}] takes ${needed} bytes and has ${end - begin}`,
    );
  }
  return { name, dtype, shape, begin, end };
}

/** Numbers that are no sizes are texts here. */
function asWritten(value: unknown): string {
  const json = String(JSON.stringify(value));
  return Array.isArray(value) ? json.replace(/"(-?[\d.eE+-]+)"/g, '$1') : json;
}

function shown(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

/** The tensors' bytes have to fill the rest of the file, each byte once. */
function checkCover(entries: readonly Entry[], length: number, source: string): void {
  let covered = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== covered) {
      const problem = begin < covered ? 'overlaps the one before it' : 'leaves a gap before it';
      throw corruptFile(source, `tensor '${shown(name)}' at byte ${begin} of the data ${problem}`);
    }
    covered = end;
  }
  if (covered !== length) {
    throw corruptFile(source, `its tensors take ${covered} bytes, and it holds ${length}`);
  }
}

function readTensor(
  bytes: Uint8Array,
  dataStart: number,
  { name, dtype, shape, begin, end }: Entry,
  source: string,
): HostArray {
  const data = new Uint8Array(end - begin);
  data.set(bytes.subarray(dataStart + begin, dataStart + end));
  try {
    return hostArray(storedTypes[dtype]!.read(data.buffer), shape);
  } catch (cause) {
    throw unsupported(`${source}: tensor '${shown(name)}': ${(cause as Error).message}`, cause);
  }
}

function unsupported(given: string, cause?: unknown): TweedieError {
  return new TweedieError({
    code: 'UNSUPPORTED',
    package: 'training',
    given,
    allowed: `${Object.keys(storedTypes).join(', ')}; whole numbers from −2³¹ to 2³¹ − 1`,
    ...(cause === undefined ? {} : { cause }),
  });
}
