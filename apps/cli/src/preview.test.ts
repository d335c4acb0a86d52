import { describe, expect, it } from 'vitest';
import { preview } from './preview.js';

const board = {
  // Left half black, right half white.
  data: Uint8Array.from({ length: 40 * 20 }, (_, i) => (i % 40 < 20 ? 0 : 255)),
  width: 40,
  height: 20,
  channels: 1 as const,
};

describe('preview', () => {
  it('keeps the picture in place, two pixel rows a line', () => {
    const lines = preview(board, { columns: 80, colour: false }).split('\n');
    expect(lines).toHaveLength(10);
    for (const line of lines) expect(line).toBe(' '.repeat(20) + '@'.repeat(20));
  });

  it('shrinks to the terminal', () => {
    const lines = preview(board, { columns: 21, colour: false }).split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toBe(' '.repeat(10) + '@'.repeat(10));
  });

  it('uses the ends of the grey palette and resets at each line end', () => {
    const line = preview(board, { columns: 80, colour: true }).split('\n')[0]!;
    expect(line).toContain('\u001b[38;5;16;48;5;16m');
    expect(line).toContain('\u001b[38;5;231;48;5;231m');
    expect(line.endsWith('\u001b[0m')).toBe(true);
  });
});
