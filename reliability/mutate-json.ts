import type { Json, JsonObject } from '@tweedie/core';
import type { Dice } from './dice.js';

/** A value that is written as it stands, since JSON.stringify would not write it. */
class Raw {
  constructor(readonly text: string) {}
}
type Node = unknown;

const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', 'toJSON', ''];
const raw = ['1e999', '-1e999', '-0', '1e-400', '18446744073709551616', '1.0', '"\\ud800"'];
const scalars: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  1,
  0.5,
  1e6,
  1e9,
  3e9,
  4294967296,
  1e12,
  Number.MAX_SAFE_INTEGER,
  1e300,
  -1e300,
  5e-324,
  '',
  'x',
  '0',
  'NaN',
  'null',
  '../../../etc/passwd',
  '\u0000',
  '\u001b[2J',
  'x'.repeat(10_000),
  [],
  {},
  [null],
  [[]],
];

/** A value of the text, and what takes another in its place. */
interface Place {
  readonly key: string | number;
  readonly owner: Node[] | Record<string, Node>;
}

function placesOf(value: Node): Place[] {
  if (typeof value !== 'object' || value === null || value instanceof Raw) return [];
  const owner = value as Node[] | Record<string, Node>;
  const keys = Array.isArray(owner) ? owner.map((_, i) => i) : Object.keys(owner);
  return keys.flatMap((key) => [
    { key, owner },
    ...placesOf((owner as Record<string, Node>)[key]!),
  ]);
}

const valueAt = ({ owner, key }: Place): Node => (owner as Record<string | number, Node>)[key]!;
const put = ({ owner, key }: Place, value: Node): void => {
  (owner as Record<string | number, Node>)[key] = value;
};

function nested(depth: number, dice: Dice): Raw {
  const [open, close] = dice.oneIn(2) ? ['[', ']'] : ['{"a":', '}'];
  return new Raw(`${open.repeat(depth)}1${close.repeat(depth)}`);
}

const copy = (value: Node): Node =>
  value instanceof Raw || typeof value !== 'object'
    ? value
    : (JSON.parse(JSON.stringify(value)) as Json);

/** One change of structure: of names, values, places, sizes or nesting. */
function mutate(root: Record<string, Node>, dice: Dice): void {
  const places = placesOf(root);
  // One that has grown is large enough.
  if (places.length === 0 || places.length > 20_000) return;
  const place = dice.pick(places);
  const { owner, key } = place;
  const value = valueAt(place);
  const record = Array.isArray(owner) ? undefined : owner;
  switch (dice.below(14)) {
    case 0:
      if (record !== undefined) delete record[key];
      else (owner as Node[]).splice(key as number, 1);
      return;
    case 1:
      put(place, copy(dice.pick(scalars)));
      return;
    case 2:
      put(place, new Raw(dice.pick(raw)));
      return;
    case 3:
      // Another value of the same text, so that types and names get where they do not belong.
      put(place, copy(valueAt(dice.pick(places))));
      return;
    case 4:
      if (record === undefined) put(place, dice.pick(names));
      else {
        delete record[key];
        record[dice.oneIn(2) ? dice.pick(names) : `${key}s`] = value;
      }
      return;
    case 5:
      if (record !== undefined) record[dice.pick(names)] = copy(dice.pick(scalars));
      else (owner as Node[]).push(copy(dice.pick(scalars)));
      return;
    case 6:
      put(place, nested(dice.pick([10, 100, 20_000]), dice));
      return;
    case 7: {
      // Once, and of what is small, so that the text stays below a few megabytes.
      const most = places.length > 300 ? 2 : isBig(value) ? 20 : 100_000;
      const length = dice.pick([2, Math.min(100, most), most]);
      // Copies of their own, or a later change would be one of all.
      put(
        place,
        Array.from({ length }, () => copy(value)),
      );
      return;
    }
    default:
      if (typeof value === 'number') put(place, value * dice.pick([-1, 0, 0.5, 2, 1e3, 1e6, 1e12]));
      else if (typeof value === 'string') put(place, `${value}${dice.pick(['\u0000', 's', '.x'])}`);
      else put(place, copy(dice.pick(scalars)));
  }
}

const isBig = (value: Node) => typeof value === 'object' || String(value).length > 10;

function write(value: Node): string {
  if (value instanceof Raw) return value.text;
  if (Array.isArray(value)) return `[${value.map(write).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value as JsonObject);
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${write(item)}`).join()}}`;
}

/** The text of a JSON object after one to four changes of its structure. */
export function mutatedJson(value: Json, dice: Dice): string {
  const root = value as Record<string, Node>;
  for (let changes = dice.oneIn(2) ? 1 : 1 + dice.below(4); changes > 0; changes--)
    mutate(root, dice);
  return write(root);
}

/** A text that was cut, or of which characters changed. */
export function mutatedText(text: string, dice: Dice): string {
  if (dice.oneIn(3)) return text.slice(0, dice.below(text.length));
  const characters = [...text];
  for (let changes = 1 + dice.below(4); changes > 0; changes--) {
    characters[dice.below(characters.length)] = dice.pick([
      '"',
      '{',
      '}',
      ',',
      ':',
      '0',
      '\\',
      ' ',
    ]);
  }
  return characters.join('');
}
