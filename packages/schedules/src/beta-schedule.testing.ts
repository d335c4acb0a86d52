import { halfLogSnr, levelAt, type Schedule } from '@tweedie/core';
import { testSchedule } from '@tweedie/testing';
import { expect, it } from 'vitest';

/** What every discrete variance-preserving schedule holds that takes `zeroTerminalSnr`. */
export function testBetaSchedule(
  name: string,
  factory: (options?: { steps?: number; zeroTerminalSnr?: boolean }) => Schedule,
): void {
  const preserving = { variancePreserving: true };
  testSchedule(name, () => factory(), preserving);
  testSchedule(`${name}, 2 steps`, () => factory({ steps: 2 }), preserving);
  testSchedule(
    `${name}, zero terminal SNR`,
    () => factory({ steps: 100, zeroTerminalSnr: true }),
    preserving,
  );

  it('with zero terminal SNR ends in pure noise and keeps the first level', () => {
    const plain = factory({ steps: 50 });
    const rescaled = factory({ steps: 50, zeroTerminalSnr: true });
    expect(rescaled.alpha(49)).toBe(0);
    expect(rescaled.sigma(49)).toBe(1);
    expect(halfLogSnr(levelAt(rescaled, 49))).toBe(-Infinity);
    expect(rescaled.alpha(0)).toBe(plain.alpha(0));
    expect(rescaled.sigma(0)).toBe(plain.sigma(0));
  });
}
