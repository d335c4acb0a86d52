import { type HostArray, hostArray, recordOf, sizeOf, TweedieError } from '@tweedie/core';
import { corruptFile } from './corrupt-file.js';
import { storedTypes, unreadableTypes } from './dtypes.js';
import { repeatedKey } from './repeated-key.js';

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

/** The reference implementation's bound, against files that claim absurd headers. */
const largestHeader = 100_000_000;

/**
 * Reads a safetensors file: eight bytes with the header's length, a JSON header, and the tensors'
 * bytes without gaps. Floats of 16, 32 and 64 bits come as float32, whole numbers and booleans as
 * int32. https://huggingface.co/docs/safetensors
 *
 * @param source what the bytes are, for messages: a file's name
 * @returns tensors in the order of the file; they share no memory with `bytes`. The records have no
 * prototype, so that a name is in them only when it is in the file
 * @throws TweedieError CORRUPT_FILE that names the broken rule; UNSUPPORTED for a number type or a
 * whole number that has no place among ours
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  source = 'the safetensors file',
): SafetensorsContent {
  const { header, dataStart } = parseHeader(bytes, source);
  const { __metadata__: metadata, ...described } = header;
  const entries = Object.entries(described).map(([name, entry]) => parseEntry(name, entry, source));
  // Tensors without elements share their offset with the next one.
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCover(entries, bytes.length - dataStart, source);
  // Without a prototype, since a tensor's name may be 'constructor' or '__proto__'.
  const tensors = recordOf<HostArray>();
  for (const entry of entries) tensors[entry.name] = readTensor(bytes, dataStart, entry, source);
  return { tensors, metadata: parseMetadata(metadata, source) };
}

function parseHeader(bytes: Uint8Array, source: string) {
  if (bytes.length < 8) {
    throw corruptFile(source, `it has ${bytes.length} bytes, and the header's length takes 8`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (length > largestHeader) {
    throw corruptFile(source, `its header claims ${length} bytes, of at most ${largestHeader}`);
  }
  const dataStart = 8 + length;
  if (dataStart > bytes.length) {
    throw corruptFile(source, `its header ends at byte ${dataStart}, the file at ${bytes.length}`);
  }
  if (bytes[8] !== 0x7b) throw corruptFile(source, "its header does not begin with '{'");
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, dataStart));
    header = JSON.parse(text);
  } catch (cause) {
    throw corruptFile(source, `its header is not JSON (${(cause as Error).message})`, cause);
  }
  const repeated = repeatedKey(text);
  if (repeated !== undefined) throw corruptFile(source, `its header holds '${repeated}' twice`);
  return { header: header as Record<string, unknown>, dataStart };
}

function parseMetadata(metadata: unknown, source: string): Readonly<Record<string, string>> {
  if (metadata === undefined) return recordOf();
  const isRecord = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata);
  if (isRecord && Object.values(metadata).every((value) => typeof value === 'string')) {
    return recordOf(Object.entries(metadata) as [string, string][]);
  }
  throw corruptFile(source, 'its metadata is not a record of texts');
}

function parseEntry(name: string, entry: unknown, source: string): Entry {
  const refuse = (given: string) => corruptFile(source, `tensor '${name}' ${given}`);
  if (typeof entry !== 'object' || entry === null) throw refuse('is not described');
  const { dtype, shape, data_offsets: offsets } = entry as Record<string, unknown>;
  if (!isCounts(shape)) throw refuse(`has the shape ${JSON.stringify(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    throw refuse(`has the offsets ${JSON.stringify(offsets)}`);
  }
  if (typeof dtype === 'string' && unreadableTypes.includes(dtype)) {
    throw unsupported(`${source}: tensor '${name}' has the type ${dtype}`);
  }
  if (typeof dtype !== 'string' || !Object.hasOwn(storedTypes, dtype)) {
    throw refuse(`has the type ${JSON.stringify(dtype)}`);
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

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

/** The tensors' bytes have to fill the rest of the file, each byte once. */
function checkCover(entries: readonly Entry[], length: number, source: string): void {
  let covered = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== covered) {
      const problem = begin < covered ? 'overlaps the one before it' : 'leaves a gap before it';
      throw corruptFile(source, `tensor '${name}' at byte ${begin} of the data ${problem}`);
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
    throw unsupported(`${source}: tensor '${name}': ${(cause as Error).message}`, cause);
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
