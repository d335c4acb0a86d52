import { describe, expect, it } from 'vitest';
import { createProgress, drawBar, formatDuration } from './progress.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes are control characters.
const plain = (text: string) => text.replace(/\u001b\[[0-9;]*m/g, '');

describe('formatDuration', () => {
  it.each([
    [0.4, '0 s'],
    [59.4, '59 s'],
    [59.6, '1 min 00 s'],
    [185, '3 min 05 s'],
    [7800, '2 h 10 min'],
    [Number.NaN, '…'],
  ])('%d s is %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));
});

describe('drawBar', () => {
  it('is as wide as asked at every share and fills from empty to full', () => {
    for (let percent = -10; percent <= 110; percent++) {
      expect([...plain(drawBar(percent / 100, 12))]).toHaveLength(12);
    }
    expect(plain(drawBar(0, 4))).toBe('····');
    expect(plain(drawBar(1, 4))).toBe('████');
  });
});

describe('createProgress', () => {
  it('prints whole lines, and the last one, where there is no terminal', () => {
    const written: string[] = [];
    const stream = { isTTY: false, write: (text: string) => written.push(text) > 0 };
    const progress = createProgress({ total: 3, label: 'Training', stream: stream as never });
    for (let step = 1; step <= 3; step++) progress.update(step, `loss ${step}`);
    progress.finish();
    expect(written[0]).toBe('Training 1/3 · loss 1 · … left\n');
    expect(written.at(-1)).toContain('Training 3/3 · loss 3');
    expect(written).toHaveLength(2);
  });
});
