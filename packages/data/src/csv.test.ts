import { describe, expect, it } from 'vitest';
import { parseCsv } from './csv.js';

describe('parseCsv', () => {
  it('reads rows of numbers', () => {
    const { columns, values } = parseCsv('1,-2.5\n .5e1 , 4.\n');
    expect(columns).toBeNull();
    expect(values.shape).toEqual([2, 2]);
    expect([...values.data]).toEqual([1, -2.5, 5, 4]);
  });

  it('takes a first line that is no row of numbers as names', () => {
    const { columns, values } = parseCsv('\uFEFF"x",y 1,3\r\n"1",2,3\r\n\r\n4,5,6');
    expect(columns).toEqual(['x', 'y 1', '3']);
    expect([...values.data]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it.each(['1;2\n3;4', '1\t2\n3\t4', '1,2\r3,4'])('reads %j', (text) => {
    expect([...parseCsv(text).values.data]).toEqual([1, 2, 3, 4]);
  });

  it.each([
    ['1,2\n3', /'a.csv' has 1 cells in line 2.*2 cells/],
    ['x,y\n1,2\n\n3,four', /has 'four' in line 4, column 2.*numbers/],
    ['1,2\n3,', /has '' in line 2, column 2/],
    ['1,2\n3,0x10', /has '0x10' in line 2/],
    ['1,2\nNaN,4', /has 'NaN' in line 2, column 1.*finite/],
    ['-inf,2', /has '-inf' in line 1, column 1.*finite/],
    ['1e300', /has '1e300' in line 1.*finite/],
    ['x,y', /no line after its first/],
    ['\n \n', /'a.csv' is empty/],
  ])('refuses %j', (text, message) => {
    expect(() => parseCsv(text, "'a.csv'")).toThrow(message);
  });

  it('takes time in proportion to the length of a cell', () => {
    // Quadratic time would be minutes here.
    const digits = '1'.repeat(1_000_000);
    const limits = { csvCell: 2_000_000 };
    const begin = process.cpuUsage();
    expect(() => parseCsv(`${digits}x\n1`, 'it', limits).values.data[0]).not.toThrow();
    expect(() => parseCsv(`1\n${digits}x`, 'it', limits)).toThrow(
      /has '1{40}… \(1000001 characters\)' in line 2/,
    );
    expect(parseCsv(`0.${digits}\n1`, 'it', limits).values.data[0]).toBeCloseTo(1 / 9, 6);
    expect(process.cpuUsage(begin).user).toBeLessThan(5000e3);
  });

  it('refuses a cell of 100,000 digits, and more columns than its limit', () => {
    const begin = process.cpuUsage();
    expect(() => parseCsv(`1\n${'1'.repeat(100_000)}`)).toThrow(
      /a cell of 100000 characters in line 2.*at most 4096.*'csvCell'/,
    );
    expect(() => parseCsv(','.repeat(2 ** 20))).toThrow(/1048577 columns.*'csvColumns'/);
    expect(() => parseCsv('1,2', 'it', { csvColumns: 1 })).toThrow(/2 columns.*at most 1/);
    expect(process.cpuUsage(begin).user).toBeLessThan(500e3);
  });

  it('takes no list of lines, of which a text may have as many as characters', () => {
    const before = process.memoryUsage().rss;
    const text = `1${'\n'.repeat(2 ** 24)}2`;
    const { values } = parseCsv(text);
    expect([...values.data]).toEqual([1, 2]);
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 28);
    expect(() => parseCsv(`${text}\nx`)).toThrow(/'x' in line 16777218,/);
  });

  it('refuses a table larger than its text before it takes the memory', () => {
    // 100,000 columns in the first line and 100,000 lines would be 40 gigabytes.
    const text = `${'1,'.repeat(100_000)}1\n${'1\n'.repeat(100_000)}`;
    expect(() => parseCsv(text)).toThrow(/1 cells in line 2.*100001 cells/);
  });
});
