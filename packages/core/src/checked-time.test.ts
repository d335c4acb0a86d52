import { describe, expect, it } from 'vitest';
import { checkedTime } from './checked-time.js';

describe('checkedTime', () => {
  const unit = { kind: 'continuous', start: 0, end: 1 } as const;

  it('gives times of the domain as they are, and the end for one that rounding put outside', () => {
    expect([0, 0.3, 1].map((t) => checkedTime('mine', unit, t))).toEqual([0, 0.3, 1]);
    expect(checkedTime('mine', unit, -1e-12)).toBe(0);
    expect(checkedTime('mine', unit, 1 + 1e-12)).toBe(1);
  });

  it.each([-0.1, 1.1, Number.NaN, Infinity])('refuses %s, by the name of the schedule', (t) => {
    const refused = expect.objectContaining({
      code: 'INVALID_VALUE',
      message: `[core] mine: the time is ${t}. Allowed: a number from 0 to 1.`,
    });
    expect(() => checkedTime('mine', unit, t)).toThrow(refused);
  });

  it('takes a discrete domain from 0 to its last step', () => {
    const steps = { kind: 'discrete', steps: 10 } as const;
    expect(checkedTime('mine', steps, 9)).toBe(9);
    expect(() => checkedTime('mine', steps, 10)).toThrow(/from 0 to 9/);
  });
});
