/** What a configuration may hold: it is written to run folders and checkpoints as JSON. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Far deeper than any configuration, and shallow enough for every function that walks one. */
const deepest = 64;

/**
 * Reads the JSON text of a file. Its objects have no prototype, so a key is in one only when it is in
 * the text, be it 'constructor' or '__proto__'.
 *
 * @throws SyntaxError when it is no JSON, or when arrays and objects are nested more than 64 deep
 */
export function parseJson(text: string): Json {
  return withoutPrototypes(JSON.parse(text) as Json, 0);
}

function withoutPrototypes(value: Json, depth: number): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === deepest) throw new SyntaxError(`it is nested more than ${deepest} deep`);
  if (Array.isArray(value)) return value.map((item) => withoutPrototypes(item, depth + 1));
  return recordOf(
    Object.entries(value).map(([key, item]) => [key, withoutPrototypes(item, depth + 1)]),
  );
}

/**
 * A record of these entries without a prototype: for keys that a file or a user chose. A key is in it
 * only when it was given, and none of them, '__proto__' neither, changes what other objects inherit.
 */
export function recordOf<Value>(
  entries: Iterable<readonly [key: string, value: Value]> = [],
): Record<string, Value> {
  const record: Record<string, Value> = Object.create(null);
  for (const [key, value] of entries) record[key] = value;
  return record;
}
