import { recordOf, TweedieError } from '@tweedie/core';
import { checkLimit, type SafetensorsLimits } from '../limits.js';

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const space = /[ \t\n\r]*/y;
const word = /true|false|null/y;
const words = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
]);
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON has none inside texts
const control = /[\u0000-\u001f]/;

/**
 * Reads the JSON text of a header as serde_json does, which the reference implementation is built on.
 * What `JSON.parse` takes and this refuses: a key twice in one object, half a surrogate pair, a number
 * beyond float64, and nesting or keys beyond the limits. In time that grows with the length of the text.
 *
 * @param source what the text is, for messages
 * @param numberOf what a number stands for, from its text: by default a size where it is written as one,
 * and else the text, since 1.0 and -0 are no sizes
 * @returns objects have no prototype, since a key may be '__proto__'
 * @throws TweedieError CORRUPT_FILE, which says where; UNSUPPORTED beyond a limit
 */
export function parseHeaderJson(
  text: string,
  source: string,
  limits: SafetensorsLimits,
  numberOf: (digits: string) => unknown = sizeOrText,
): unknown {
  let at = 0;
  let depth = 0;
  let backslash = -2;

  const fail = (what: string): never => {
    throw corruptJson(`${source} is not JSON (${what} at character ${at + 1})`);
  };
  const take = (expression: RegExp): string => {
    expression.lastIndex = at;
    const found = expression.exec(text)?.[0] ?? '';
    at += found.length;
    return found;
  };
  const takeMark = (mark: string): boolean => {
    take(space);
    if (text[at] !== mark) return false;
    at++;
    return true;
  };

  function value(): unknown {
    if (takeMark('{')) return nested(object);
    if (takeMark('[')) return nested(list);
    if (text[at] === '"') return string();
    const digits = take(number);
    if (digits !== '') return Number.isFinite(Number(digits)) ? numberOf(digits) : fail('∞');
    const constant = words.get(take(word));
    return constant === undefined ? fail(at === text.length ? 'the end' : 'no value') : constant;
  }

  function nested<Result>(content: () => Result): Result {
    depth++;
    const given = `${source} has ${depth} objects and lists inside one another`;
    if (depth > limits.nesting) checkLimit('nesting', depth, limits, given);
    const result = content();
    depth--;
    return result;
  }

  function object(): Record<string, unknown> {
    const result = recordOf<unknown>();
    if (takeMark('}')) return result;
    let keys = 0;
    do {
      take(space);
      if (text[at] !== '"') fail('no key');
      const key = string();
      if (Object.hasOwn(result, key)) {
        throw corruptJson(`${source} holds '${shortened(key)}' twice`);
      }
      keys++;
      if (keys > limits.tensors) {
        checkLimit(
          'tensors',
          keys,
          limits,
          `${source} has an object of more than ${keys - 1} keys`,
        );
      }
      if (!takeMark(':')) fail("no ':'");
      result[key] = value();
    } while (takeMark(','));
    if (!takeMark('}')) fail("no '}'");
    return result;
  }

  function list(): unknown[] {
    const result: unknown[] = [];
    if (takeMark(']')) return result;
    do result.push(value());
    while (takeMark(','));
    if (!takeMark(']')) fail("no ']'");
    return result;
  }

  function string(): string {
    const begin = at;
    // Looked for once and kept, or each text would be searched to the end of the file.
    if (backslash !== -1 && backslash < at) backslash = text.indexOf('\\', at);
    let end = text.indexOf('"', at + 1);
    const escaped = backslash !== -1 && backslash < end;
    if (escaped) {
      for (end = backslash; end < text.length && text[end] !== '"'; )
        end += text[end] === '\\' ? 2 : 1;
    }
    if (end === -1 || end >= text.length) fail('a text without end');
    const content = text.slice(begin + 1, end);
    if (control.test(content)) fail('a line break or another control character in the text');
    at = end + 1;
    if (!escaped) return content;
    let unescaped: string;
    try {
      unescaped = JSON.parse(text.slice(begin, at)) as string;
    } catch {
      return fail('an unknown escape before');
    }
    // With the flag u, what is left of this kind are halves of pairs.
    return /\p{Surrogate}/u.test(unescaped) ? fail('half a character before') : unescaped;
  }

  const result = value();
  take(space);
  if (at < text.length) fail('something after the end');
  return result;
}

function sizeOrText(digits: string): number | string {
  return /^\d+$/.test(digits) ? Number(digits) : digits;
}

function shortened(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}

function corruptJson(given: string): TweedieError {
  return new TweedieError({ code: 'CORRUPT_FILE', package: 'training', given });
}
