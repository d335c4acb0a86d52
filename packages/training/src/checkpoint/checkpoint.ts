import {
  type FloatArray,
  type HostArray,
  type HostParams,
  type JsonObject,
  type RngState,
  restoreRng,
} from '@tweedie/core';
import { corruptFile } from '../safetensors/corrupt-file.js';
import { decodeSafetensors } from '../safetensors/decode.js';
import { encodeSafetensors } from '../safetensors/encode.js';
import type { TrainingState } from '../training-state.js';

const format = 'tweedie-checkpoint-1';
/** Every checkpoint has its checksum at this place, right after these bytes. */
const beforeChecksum = '{"__metadata__":{"sha256":"';
const checksumStart = 8 + beforeChecksum.length;
const checksumLength = 64;

/**
 * Writes a training state as a safetensors file that other tools can read.
 *
 * Tensors: `params.NAME` as trained, `ema.NAME` averaged, `optimizer.SLOT.NAME` for the optimizer's
 * vectors, where NAME is the parameter's. Metadata, all texts: `step`, `rng` and `config` (JSON),
 * `format`, and `sha256` of the whole file with 64 zeros in the checksum's place, so that a change
 * of any bit shows.
 */
export async function encodeCheckpoint(state: TrainingState): Promise<Uint8Array<ArrayBuffer>> {
  const slots = Object.entries(state.slots).map(([slot, params]) =>
    prefixed(`optimizer.${slot}`, params),
  );
  const bytes = encodeSafetensors(
    Object.assign({}, prefixed('params', state.params), prefixed('ema', state.ema), ...slots),
    {
      sha256: '0'.repeat(checksumLength),
      format,
      step: String(state.step),
      rng: JSON.stringify(state.rng),
      config: JSON.stringify(state.config),
    },
  );
  bytes.set(new TextEncoder().encode(await checksum(bytes)), checksumStart);
  return bytes;
}

/**
 * Reads a checkpoint, and proves that it is what was written.
 *
 * @param source what the bytes are, for messages: a file's name
 * @throws TweedieError CORRUPT_FILE when a bit of it differs, when it is cut short, or when it is a
 * safetensors file of another kind
 */
export async function decodeCheckpoint(
  bytes: Uint8Array,
  source = 'the checkpoint',
): Promise<TrainingState> {
  const { tensors, metadata } = decodeSafetensors(bytes, source);
  const text = new TextDecoder().decode(bytes.subarray(8, checksumStart + checksumLength));
  if (!text.startsWith(beforeChecksum) || metadata.format !== format) {
    throw corruptFile(source, `it is not a checkpoint of the format '${format}'`);
  }
  const blanked = new Uint8Array(bytes);
  blanked.fill(0x30, checksumStart, checksumStart + checksumLength);
  if (text.slice(beforeChecksum.length) !== (await checksum(blanked))) {
    throw corruptFile(source, 'its checksum does not fit its bytes; it was damaged');
  }
  try {
    const step = Number(metadata.step);
    if (!Number.isSafeInteger(step) || step < 0) throw new Error(`the step is ${metadata.step}`);
    const rng = JSON.parse(metadata.rng ?? '') as RngState;
    restoreRng(rng);
    const config = JSON.parse(metadata.config ?? '') as JsonObject;
    return { step, rng, config, ...groupTensors(tensors) };
  } catch (cause) {
    throw corruptFile(source, (cause as Error).message, cause);
  }
}

async function checksum(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function prefixed(prefix: string, params: HostParams): HostParams {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [`${prefix}.${name}`, value]),
  );
}

function groupTensors(
  tensors: Readonly<Record<string, HostArray>>,
): Pick<TrainingState, 'params' | 'ema' | 'slots'> {
  const params: Record<string, FloatArray> = {};
  const ema: Record<string, FloatArray> = {};
  const slots: Record<string, Record<string, FloatArray>> = {};
  const groupOf = (kind: string | undefined, path: string[]) => {
    if (kind === 'params') return params;
    if (kind === 'ema') return ema;
    const slot = kind === 'optimizer' ? path.shift() : undefined;
    if (slot === undefined) return undefined;
    slots[slot] ??= {};
    return slots[slot];
  };
  for (const [key, tensor] of Object.entries(tensors)) {
    const [kind, ...path] = key.split('.');
    const group = groupOf(kind, path);
    const name = path.join('.');
    if (group === undefined || name === '' || !(tensor.data instanceof Float32Array)) {
      throw new Error(`tensor '${key}' has no place in a checkpoint`);
    }
    group[name] = tensor as FloatArray;
  }
  return { params, ema, slots };
}
