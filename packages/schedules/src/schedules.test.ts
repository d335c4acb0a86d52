import { describe, expect, it } from 'vitest';
import { schedules } from './index.js';

describe('the list of schedules', () => {
  it('has each schedule once', () => {
    const ids = schedules.map((factory) => factory.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('rebuilds each from its name and options', () => {
    for (const factory of schedules) {
      const options = factory.id === 'betas' ? { betas: [0.1, 0.2] } : {};
      const made = factory(options as never);
      const again = factory(JSON.parse(JSON.stringify(made.config)));
      const middle = made.time.kind === 'discrete' ? 0.5 : 0.7;
      expect(again.name).toBe(factory.id);
      expect(again.alpha(middle)).toBe(made.alpha(middle));
      expect(again.sigma(middle)).toBe(made.sigma(middle));
    }
  });
});
