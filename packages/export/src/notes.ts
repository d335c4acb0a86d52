import type { HostParams, Json, JsonObject, Level } from '@tweedie/core';
import type { TrainedModel } from './request.js';

/** What an exported model says of itself. */
export interface ExportNotes {
  readonly documentation: string;
  readonly descriptions: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A part by its name and its options. */
export const partAsJson = ({ name, config }: { name: string; config: JsonObject }): Json => ({
  name,
  options: config,
});

/** Facts of the model that every export holds. */
export async function modelFacts({
  model,
  params,
  config,
}: TrainedModel): Promise<Record<string, Json>> {
  const { network, schedule, parameterization } = model;
  const { classes = 0, itemShape } = network;
  return {
    network: partAsJson(network),
    schedule: partAsJson(schedule),
    parameterization: partAsJson(parameterization),
    itemShape,
    ...(itemShape.length === 3 ? { layout: 'NHWC' } : {}),
    // A network may take any whole number as a class.
    classes: Number.isFinite(classes) ? classes : 'any',
    weightsSha256: await weightsSha256(params),
    ...(config === undefined
      ? {}
      : { configSha256: await sha256([encoder.encode(sortedJson(config))]) }),
  };
}

/** What the input `label` of a model is: a graph cannot refuse what is no class. */
export function labelDescription(shape: readonly number[], classes: number): string {
  const range = Number.isFinite(classes) ? `0 to ${classes - 1} and no other` : '0 or more';
  return `class of each item, [${shape[0]}]: ${range}`;
}

/** Levels as [t, alpha, sigma] each. */
export const levelsAsJson = (grid: readonly Level[]): Json =>
  grid.map(({ t, alpha, sigma }) => [t, alpha, sigma]);

/** Texts as they are, everything else as JSON. */
export function metadataTexts(facts: Readonly<Record<string, Json>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => [
      `tweedie.${name}`,
      typeof fact === 'string' ? fact : JSON.stringify(fact),
    ]),
  );
}

const encoder = new TextEncoder();

/**
 * SHA-256, as 64 hexadecimal digits, of the parameters in the order of their names: of each the name
 * in UTF-8 and a byte 0, then its elements as little-endian float32.
 */
async function weightsSha256(params: HostParams): Promise<string> {
  const names = Object.keys(params).sort();
  return sha256(
    names.flatMap((name) => [encoder.encode(`${name}\0`), littleEndian(params[name]!.data)]),
  );
}

function littleEndian(data: Float32Array): Uint8Array {
  const bytes = new Uint8Array(data.byteLength);
  const view = new DataView(bytes.buffer);
  data.forEach((value, i) => {
    view.setFloat32(4 * i, value, true);
  });
  return bytes;
}

async function sha256(parts: readonly Uint8Array[]): Promise<string> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** JSON with the keys of every object in order, so that equal configurations are equal texts. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(
          Object.entries(inner as JsonObject).sort(([a], [b]) => (a < b ? -1 : Number(a > b))),
        )
      : inner,
  );
}
