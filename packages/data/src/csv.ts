import { type FloatArray, hostArray, TweedieError } from '@tweedie/core';

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
 * @throws TweedieError CORRUPT_FILE for a cell that is no number or a line with more or fewer cells
 * than the first; NOT_FINITE for NaN and infinities; each names the line
 */
export function parseCsv(text: string, source = 'the CSV text'): CsvTable {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .map((content, index) => ({ content, number: index + 1 }))
    .filter(({ content }) => content.trim() !== '');
  const first = lines[0];
  if (first === undefined) throw failure('CORRUPT_FILE', `${source} is empty`, 'rows of numbers');
  const separator = ['\t', ';'].find((mark) => first.content.includes(mark)) ?? ',';
  const cellsOf = (content: string) =>
    content.split(separator).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));

  const head = cellsOf(first.content);
  const columns = head.some((cell) => !isNumber(cell) && !notFinite.test(cell)) ? head : null;
  const rows = columns === null ? lines : lines.slice(1);
  // A number takes at least one character, so a table of more numbers than that is refused below, at
  // its first short row or empty cell, before the memory that its size asks for.
  const values = new Float32Array(Math.min(rows.length * head.length, text.length));
  for (const [row, { content, number }] of rows.entries()) {
    const cells = cellsOf(content);
    if (cells.length !== head.length) {
      throw failure(
        'CORRUPT_FILE',
        `${source} has ${cells.length} cells in line ${number}`,
        `${head.length} cells, as in its first line`,
      );
    }
    for (const [column, cell] of cells.entries()) {
      const value = isNumber(cell) ? Math.fround(Number(cell)) : Number.NaN;
      if (!Number.isFinite(value)) {
        const isText = !isNumber(cell) && !notFinite.test(cell);
        throw failure(
          isText ? 'CORRUPT_FILE' : 'NOT_FINITE',
          `${source} has '${shortened(cell)}' in line ${number}, column ${column + 1}`,
          isText ? 'numbers' : 'finite float32 numbers',
        );
      }
      values[row * head.length + column] = value;
    }
  }
  if (rows.length === 0) {
    throw failure('CORRUPT_FILE', `${source} has no line after its first`, 'rows of numbers');
  }
  return { columns, values: hostArray(values, [rows.length, head.length]) };
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
