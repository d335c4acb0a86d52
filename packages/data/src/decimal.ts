import { isSpace } from './csv-lines.js';

/** Powers of ten that float64 holds exactly. */
const powers = Array.from({ length: 16 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * The number that part of a text is, bit for bit what `Number` gives, without the cost of a part of its
 * own: for up to 15 digits with a point or none, which is most of what tables hold. A quotient of two
 * numbers that float64 holds exactly is rounded once, as the number itself is (Clinger 1990).
 *
 * @returns undefined for any other text, of which nothing is said
 */
export function shortDecimal(text: string, begin: number, end: number): number | undefined {
  let at = begin;
  let last = end;
  while (at < last && isSpace(text.charCodeAt(at))) at++;
  while (last > at && isSpace(text.charCodeAt(last - 1))) last--;
  const negative = text.charCodeAt(at) === 45;
  if (negative) at++;
  if (last - at > 16) return undefined;
  let digits = 0;
  let value = 0;
  let decimals = -1;
  for (; at < last; at++) {
    const code = text.charCodeAt(at);
    if (code === 46 && decimals === -1) decimals = 0;
    else if (code >= 48 && code <= 57) {
      value = value * 10 + (code - 48);
      digits++;
      if (decimals !== -1) decimals++;
    } else return undefined;
  }
  if (digits === 0 || digits > 15) return undefined;
  if (decimals > 0) value /= powers[decimals]!;
  return negative ? -value : value;
}
