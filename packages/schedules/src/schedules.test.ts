import { testSchedule } from '@tweedie/testing';
import { describe, expect, it } from 'vitest';
import { cosine, fromBetas, laplace, linear, scaledLinear, sigmoid } from './beta-schedules.js';
import { schedules } from './index.js';
import { geometric, ve } from './variance-exploding.js';
import { subVp, vp } from './variance-preserving.js';

const betaFactories = [linear, scaledLinear, cosine, sigmoid, laplace];

describe('every schedule holds the contract', () => {
  const preserving = { variancePreserving: true };
  for (const factory of betaFactories) {
    testSchedule(factory.id, () => factory(), preserving);
    testSchedule(`${factory.id}, 2 steps`, () => factory({ steps: 2 }), preserving);
    testSchedule(
      `${factory.id}, zero terminal SNR`,
      () => factory({ steps: 100, zeroTerminalSnr: true }),
      preserving,
    );
  }
  testSchedule('betas', () => fromBetas({ betas: [0.1, 0.01, 0.5, 0.2] }), preserving);
  testSchedule('vp', () => vp(), preserving);
  testSchedule('sub-vp', () => subVp());
  testSchedule('ve', () => ve());
  testSchedule('geometric', () => geometric());
  testSchedule('geometric, 232 levels', () => geometric({ steps: 232, sigmaMax: 50 }));
});

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
