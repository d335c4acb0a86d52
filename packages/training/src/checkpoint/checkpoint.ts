import {
  type FloatArray,
  type HostArray,
  type Json,
  type JsonObject,
  parseJson,
  type RngState,
  recordOf,
  restoreRng,
} from '@tweedie/core';
import { corruptFile } from '../safetensors/corrupt-file.js';
import { decodeSafetensors } from '../safetensors/decode.js';
import { encodeSafetensors } from '../safetensors/encode.js';
import type { ParameterState, TrainingState } from '../training-state.js';

const format = 'tweedie-checkpoint-1';
/** Before the names of what belongs to the loss's own parameters. */
const lossPrefix = 'loss.';
/** Every checkpoint has its checksum at this place, right after these bytes. */
const beforeChecksum = '{"__metadata__":{"sha256":"';
const checksumStart = 8 + beforeChecksum.length;
const checksumLength = 64;

/**
 * Writes a training state as a safetensors file that other tools can read.
 *
 * Tensors: `params.NAME` as trained, `ema.NAME` averaged, `optimizer.SLOT.NAME` for the optimizer's
 * vectors, where NAME is the parameter's; the same with `loss.` before it for the loss's own
 * parameters. Metadata, all texts: `step`, `rng` and `config` (JSON),
 * `format`, and `sha256` of the whole file with 64 zeros in the checksum's place, so that a change
 * of any bit shows.
 *
 * @param ofRun whether the configuration is that of the run folder that the file is for: then
 * `configSha256`, of the text of `config`, says so
 */
export async function encodeCheckpoint(
  state: TrainingState,
  { ofRun = false }: { readonly ofRun?: boolean } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const config = JSON.stringify(state.config);
  const ofLoss = state.loss === undefined ? [] : named(lossPrefix, state.loss);
  const bytes = encodeSafetensors(recordOf([...named('', state), ...ofLoss]), {
    sha256: '0'.repeat(checksumLength),
    format,
    step: String(state.step),
    rng: JSON.stringify(state.rng),
    config,
    ...(ofRun ? { configSha256: await checksum(new TextEncoder().encode(config)) } : {}),
  });
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
  return (await readCheckpointFile(bytes, source)).state;
}

/** The same, with what the file says of its configuration. */
export async function readCheckpointFile(
  bytes: Uint8Array,
  source: string,
): Promise<{ readonly state: TrainingState; readonly ofRun: boolean }> {
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
    const rng = parseJson(metadata.rng ?? '') as unknown as RngState;
    restoreRng(rng);
    const config = parseJson(metadata.config ?? '');
    if (!isJsonObject(config)) throw new Error('its configuration is no object');
    const { configSha256 } = metadata;
    const ofRun = configSha256 !== undefined;
    if (ofRun && configSha256 !== (await checksum(new TextEncoder().encode(metadata.config)))) {
      throw new Error('its configuration is not the one of its hash');
    }
    return { state: { step, rng, config, ...groupTensors(tensors) }, ofRun };
  } catch (cause) {
    throw corruptFile(source, (cause as Error).message, cause);
  }
}

function isJsonObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function checksum(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The tensors of a state by their names in the file. */
function* named(
  prefix: string,
  { params, ema, slots }: ParameterState,
): Generator<readonly [string, FloatArray]> {
  const groups = { params, ema };
  for (const [group, tensors] of Object.entries(groups)) {
    for (const [name, tensor] of Object.entries(tensors))
      yield [`${prefix}${group}.${name}`, tensor];
  }
  for (const [slot, tensors] of Object.entries(slots)) {
    for (const [name, tensor] of Object.entries(tensors)) {
      yield [`${prefix}optimizer.${slot}.${name}`, tensor];
    }
  }
}

/** @throws Error for a tensor that has no place in a checkpoint */
function groupTensors(
  tensors: Readonly<Record<string, HostArray>>,
): ParameterState & Pick<TrainingState, 'loss'> {
  const network = emptyState();
  const loss = emptyState();
  for (const [key, tensor] of Object.entries(tensors)) {
    const ofLoss = key.startsWith(lossPrefix);
    const [group, name] = placeOf(
      ofLoss ? loss : network,
      (ofLoss ? key.slice(lossPrefix.length) : key).split('.'),
    );
    if (group === undefined || name === '' || !(tensor.data instanceof Float32Array)) {
      throw new Error(`tensor '${key}' has no place in a checkpoint`);
    }
    group[name] = tensor as FloatArray;
  }
  const hasLoss = Object.values(loss).some((group) => Object.keys(group).length > 0);
  return hasLoss ? { ...network, loss } : network;
}

type Group = Record<string, FloatArray>;
interface State {
  readonly params: Group;
  readonly ema: Group;
  readonly slots: Record<string, Group>;
}

/** Its records are keyed by names of a file, '__proto__' among them, so they have no prototype. */
const emptyState = (): State => ({ params: recordOf(), ema: recordOf(), slots: recordOf() });

function placeOf(state: State, [kind, ...path]: string[]): [Group | undefined, name: string] {
  if (kind === 'params') return [state.params, path.join('.')];
  if (kind === 'ema') return [state.ema, path.join('.')];
  const [slot, ...name] = path;
  if (kind !== 'optimizer' || slot === undefined || slot === '') return [undefined, ''];
  state.slots[slot] ??= recordOf();
  return [state.slots[slot], name.join('.')];
}
