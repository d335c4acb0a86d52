import { type FloatArray, hostArray, TweedieError } from '@tweedie/core';
import { linesOf } from './csv-lines.js';
import { shortDecimal } from './decimal.js';
import { checkLimit, type DataLimits, withLimits } from './limits.js';

/** A table of numbers. */
export interface CsvTable {
  /** Names of the columns, when the first line is no row of numbers. */
  readonly columns: readonly string[] | null;
  /** [rows, columns] */
  readonly values: FloatArray;
}

/**
 * Reads a table of numbers. Cells are separated by commas, semicolons or tabs, whichever the first
 * line holds; a first line in which some cell is no number names the columns. Quotes around a cell
 * are dropped; inside them there is no separator and no line break, which tables of numbers have no use
 * for. Empty lines are skipped.
 *
 * @param limits of `csvColumns` and `csvCell`, where they differ from `dataLimits`
 * @throws TweedieError CORRUPT_FILE for a cell that is no number or a line with more or fewer cells
 * than the first; NOT_FINITE for NaN and infinities; UNSUPPORTED beyond a limit; each names the line
 */
export function parseCsv(
  text: string,
  source = 'the CSV text',
  limits: Partial<DataLimits> = {},
): CsvTable {
  const allowed = withLimits(limits);
  const lines = linesOf(text);
  if (!lines.next()) throw failure('CORRUPT_FILE', `${source} is empty`, 'rows of numbers');
  const first = text.slice(lines.begin, lines.end);
  const separator = ['\t', ';'].find((mark) => first.includes(mark)) ?? ',';
  let width = 1;
  for (const character of first) if (character === separator) width++;
  checkLimit('csvColumns', width, allowed, `${source} has ${width} columns`);
  const head = first.split(separator).map((cell) => content(cell));
  const columns = head.some((cell) => !isNumber(cell) && !notFinite.test(cell)) ? head : null;

  let rows = columns === null ? 1 : 0;
  for (const counted = linesOf(text); counted.next(); ) rows++;
  rows--;
  if (rows === 0) {
    throw failure('CORRUPT_FILE', `${source} has no line after its first`, 'rows of numbers');
  }
  // A number and what follows it take at least two characters, so a table of more numbers than that is
  // refused below, at its first short row or empty cell, before the memory that its size asks for.
  const values = new Float32Array(Math.min(rows * width, Math.ceil((text.length + 1) / 2)));
  const mark = separator.charCodeAt(0);
  let next = 0;
  for (let more = columns === null || lines.next(); more; more = lines.next()) {
    const { begin, end, number } = lines;
    let cells = 1;
    for (let at = begin; at < end; at++) if (text.charCodeAt(at) === mark) cells++;
    if (cells !== width) {
      throw failure(
        'CORRUPT_FILE',
        `${source} has ${cells} cells in line ${number}`,
        `${width} cells, as in its first line`,
      );
    }
    for (let at = begin, column = 0; column < width; column++) {
      const cell = at;
      while (at < end && text.charCodeAt(at) !== mark) at++;
      values[next++] = shortDecimal(text, cell, at) ?? longNumber(text.slice(cell, at), column);
      at++;
    }
  }
  return { columns, values: hostArray(values, [rows, width]) };

  /** A cell without spaces and quotes around it. */
  function content(cell: string): string {
    if (cell.length > allowed.csvCell) {
      const given = `${source} has a cell of ${cell.length} characters in line ${lines.number}`;
      checkLimit('csvCell', cell.length, allowed, given);
    }
    return cell.trim().replace(/^"(.*)"$/, '$1');
  }

  function longNumber(given: string, column: number): number {
    const cell = content(given);
    const value = isNumber(cell) ? Math.fround(Number(cell)) : Number.NaN;
    if (Number.isFinite(value)) return value;
    const isText = !isNumber(cell) && !notFinite.test(cell);
    throw failure(
      isText ? 'CORRUPT_FILE' : 'NOT_FINITE',
      `${source} has '${shortened(cell)}' in line ${lines.number}, column ${column + 1}`,
      isText ? 'numbers' : 'finite float32 numbers',
    );
  }
}

const notFinite = /^[+-]?(nan|inf|infinity)$/i;

/** In time that grows with the length of the cell: no digit can be matched in two ways. */
function isNumber(cell: string): boolean {
  return /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i.test(cell);
}

function shortened(cell: string): string {
  return cell.length <= 40 ? cell : `${cell.slice(0, 40)}… (${cell.length} characters)`;
}

function failure(
  code: 'CORRUPT_FILE' | 'NOT_FINITE',
  given: string,
  allowed: string,
): TweedieError {
  return new TweedieError({
    code,
    package: 'data',
    given,
    allowed,
    fix: 'remove or repair the line',
  });
}
