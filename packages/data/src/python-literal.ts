/** What a Python literal stands for; whole numbers as bigint, for they may be of any size. */
export type PythonLiteral =
  | string
  | bigint
  | boolean
  | null
  | { readonly tuple: readonly PythonLiteral[] }
  | { readonly list: readonly PythonLiteral[] }
  | { readonly dict: ReadonlyMap<PythonLiteral, PythonLiteral> };

/** As many brackets as Python's tokenizer takes. */
const deepest = 200;
const integer =
  /0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|0(?:_?0)*|[1-9](?:_?\d)*/y;
const space = /(?:[ \t\f]|\\\r?\n)+/y;
const spaceInBrackets = /(?:[ \t\f\r\n]|\\\r?\n|#[^\r\n]*)+/y;
const prefix = /[uU]|[rR]/y;
const name = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;

/**
 * Reads what Python's `ast.literal_eval` reads of dictionaries, tuples, lists, strings, whole numbers,
 * True, False and None. Floats, complex numbers, bytes and sets, which no header of an array holds,
 * are refused.
 *
 * @param longIntegers whether whole numbers may end in L, as Python 2 wrote them
 * @throws Error that says what is wrong at which place
 */
export function parsePythonLiteral(text: string, longIntegers: boolean): PythonLiteral {
  let at = 0;
  let depth = 0;

  const fail = (what: string): never => {
    throw new Error(`${what} at character ${at + 1}`);
  };
  /** Takes what an expression matches here. */
  const take = (expression: RegExp): string => {
    expression.lastIndex = at;
    const found = expression.exec(text)?.[0] ?? '';
    at += found.length;
    return found;
  };
  const skip = () => take(depth > 0 ? spaceInBrackets : space);
  const takeMark = (mark: string): boolean => {
    skip();
    if (!text.startsWith(mark, at)) return false;
    at += mark.length;
    return true;
  };

  function value(): PythonLiteral {
    skip();
    const next = text[at] ?? '';
    if (next === '{') return inBrackets('}', dictionary);
    if (next === '[') return { list: inBrackets(']', () => items(']').values) };
    if (next === '(') return inBrackets(')', tupleOrValue);
    if (next === '+' || next === '-') return signed();
    if (/\d/.test(next)) return whole();
    if (startsString()) return strings();
    return constant();
  }

  function inBrackets<Result>(close: string, content: () => Result): Result {
    at++;
    depth++;
    if (depth > deepest) fail('too many brackets');
    const result = content();
    if (!takeMark(close)) fail(`no '${close}'`);
    depth--;
    return result;
  }

  function items(close: string) {
    const values: PythonLiteral[] = [];
    let comma = false;
    for (skip(); at < text.length && text[at] !== close; skip()) {
      values.push(value());
      comma = takeMark(',');
      if (!comma) break;
    }
    return { values, comma };
  }

  function tupleOrValue(): PythonLiteral {
    const { values, comma } = items(')');
    return values.length === 1 && !comma ? values[0]! : { tuple: values };
  }

  function dictionary(): PythonLiteral {
    const dict = new Map<PythonLiteral, PythonLiteral>();
    for (skip(); at < text.length && text[at] !== '}'; skip()) {
      const key = value();
      if (typeof key === 'object' && key !== null) fail('a key that is no text or number');
      if (!takeMark(':')) fail("no ':'");
      dict.set(key, value());
      if (!takeMark(',')) break;
    }
    return { dict };
  }

  function signed(): bigint {
    const sign = text[at++];
    skip();
    // Python takes no second sign.
    if (!/\d/.test(text[at] ?? '')) fail('a sign without a number');
    const number = whole();
    return sign === '-' ? -number : number;
  }

  function whole(): bigint {
    const digits = take(integer).replaceAll('_', '');
    if (longIntegers) take(/[ \t]*L/y);
    if (/[\w.]/.test(text[at] ?? '')) fail('a number that is not whole');
    return BigInt(/^0+$/.test(digits) ? 0 : digits);
  }

  function startsString(): boolean {
    prefix.lastIndex = at;
    const length = prefix.exec(text)?.[0].length ?? 0;
    const quote = text[at + length];
    return quote === "'" || quote === '"';
  }

  /** Strings that stand side by side are one. */
  function strings(): string {
    let result = '';
    for (skip(); startsString(); skip()) result += oneString();
    return result;
  }

  function oneString(): string {
    const raw = take(prefix).toLowerCase() === 'r';
    const quote = text[at]!;
    const end = text.startsWith(quote.repeat(3), at) ? quote.repeat(3) : quote;
    at += end.length;
    let content = '';
    while (!text.startsWith(end, at)) {
      const next = text[at];
      if (next === undefined || (end.length === 1 && /[\r\n]/.test(next)))
        fail('a text without end');
      if (next === '\\')
        content += raw ? take(/\\(?:\r\n|[\s\S])/y) || fail('a text without end') : escaped();
      else if (text.startsWith('\r\n', at)) at++;
      else {
        content += next === '\r' ? '\n' : next;
        at++;
      }
    }
    at += end.length;
    return content;
  }

  function escaped(): string {
    at++;
    const simple = simpleEscapes.get(text[at]);
    if (simple !== undefined) {
      at += text.startsWith('\r\n', at) ? 2 : 1;
      return simple;
    }
    const octal = take(/[0-7]{1,3}/y);
    if (octal !== '') return String.fromCodePoint(Number.parseInt(octal, 8));
    const coded = /^(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8})/.exec(text.slice(at, at + 9));
    if (coded === null && /[xuUN]/.test(text[at] ?? '')) fail('an unknown escape');
    if (coded === null) return '\\';
    const point = Number.parseInt(coded[0].slice(1), 16);
    if (point > 0x10ffff) fail('an unknown escape');
    at += coded[0].length;
    return String.fromCodePoint(point);
  }

  function constant(): boolean | null {
    const found = take(name);
    if (found === 'True') return true;
    if (found === 'False') return false;
    if (found === 'None') return null;
    at -= found.length;
    return fail(at === text.length ? 'the end' : 'something that is no literal');
  }

  if (text.includes('\0')) throw new Error('a null character');
  // Spaces before the first line do not count; before another one they are an indentation, which is
  // refused, unless the line is empty.
  take(/[ \t]*/y);
  if (take(/(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))+/y) !== '' && /[ \t]/.test(text[at] ?? '')) {
    fail('an indentation');
  }
  const result = value();
  depth = 1;
  skip();
  if (at < text.length) fail('something after the value');
  return result;
}

const simpleEscapes: ReadonlyMap<string | undefined, string> = new Map([
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\n', ''],
  ['\r', ''],
]);
