import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Level, Schedule } from './contracts/index.js';
import {
  halfLogSnr,
  levelAt,
  posterior,
  sdeCoefficients,
  snr,
  timeAtHalfLogSnr,
  timeRange,
  transition,
} from './gaussian.js';

const level = (alpha: number, sigma: number, t = 0): Level => ({ t, alpha, sigma });
const continuous = (
  alpha: (t: number) => number,
  sigma: (t: number) => number,
  start: number,
  end: number,
): Schedule => ({
  name: 'test',
  config: {},
  time: { kind: 'continuous', start, end },
  alpha,
  sigma,
});

/** DDPM's linear schedule: β from 1e-4 to 0.02 in 1000 steps. */
const betas = Array.from({ length: 1000 }, (_, t) => 1e-4 + (t * (0.02 - 1e-4)) / 999);
const alphaBars: number[] = [];
for (const beta of betas) alphaBars.push((alphaBars.at(-1) ?? 1) * (1 - beta));
const ddpm = (t: number): Level => level(Math.sqrt(alphaBars[t]!), Math.sqrt(1 - alphaBars[t]!), t);

/** Schedules whose SDE is known: drift and diffusion² in closed form. */
const known = {
  // Song et al. (2021), eqs. 30 to 33: β(t) from 0.1 to 20.
  'variance preserving': {
    schedule: continuous(
      (t) => Math.exp(-(t * t * 19.9) / 4 - (t * 0.1) / 2),
      (t) => Math.sqrt(-Math.expm1(-(t * t * 19.9) / 2 - t * 0.1)),
      1e-3,
      1,
    ),
    drift: (t: number) => -(0.1 + t * 19.9) / 2,
    diffusionSquared: (t: number) => 0.1 + t * 19.9,
  },
  'variance exploding': {
    schedule: continuous(
      () => 1,
      (t) => 0.01 * 5000 ** t,
      0,
      1,
    ),
    drift: () => 0,
    diffusionSquared: (t: number) => 2 * Math.log(5000) * (0.01 * 5000 ** t) ** 2,
  },
  EDM: {
    schedule: continuous(
      () => 1,
      (t) => t,
      0.002,
      80,
    ),
    drift: () => 0,
    diffusionSquared: (t: number) => 2 * t,
  },
  'flow matching': {
    schedule: continuous(
      (t) => 1 - t,
      (t) => t,
      0.01,
      0.8,
    ),
    drift: (t: number) => -1 / (1 - t),
    diffusionSquared: (t: number) => 2 * t + (2 * t * t) / (1 - t),
  },
  cosine: {
    schedule: continuous(
      (t) => Math.cos((t * Math.PI) / 2),
      (t) => Math.sin((t * Math.PI) / 2),
      0.01,
      0.9,
    ),
    drift: (t: number) => (-Math.PI / 2) * Math.tan((t * Math.PI) / 2),
    diffusionSquared: (t: number) => Math.PI * Math.tan((t * Math.PI) / 2),
  },
};

/** A level between clean and noisy, of any process. */
const anyLevel = fc
  .tuple(
    fc.double({ min: 0.05, max: 3, noNaN: true }),
    fc.double({ min: 0.05, max: 3, noNaN: true }),
  )
  .map(([alpha, sigma]) => level(alpha, sigma));
/** Levels of one process in the order of their noise. */
const ordered = (count: number) =>
  fc
    .array(anyLevel, { minLength: count, maxLength: count })
    .map((levels) => levels.sort((a, b) => halfLogSnr(b) - halfLogSnr(a)));

const relative = (found: number, expected: number) =>
  Math.abs(found - expected) / Math.max(1e-12, Math.abs(expected));

describe('levels', () => {
  it('have half the log of their signal-to-noise ratio', () => {
    expect(halfLogSnr(level(0.8, 0.6))).toBeCloseTo(Math.log(4 / 3), 14);
    expect(snr(level(0.8, 0.6))).toBeCloseTo(16 / 9, 14);
    expect(halfLogSnr(level(1, 0))).toBe(Number.POSITIVE_INFINITY);
    expect(halfLogSnr(level(0, 1))).toBe(Number.NEGATIVE_INFINITY);
    expect(halfLogSnr(level(1, Number.POSITIVE_INFINITY))).toBe(Number.NEGATIVE_INFINITY);
  });

  it('come from schedules', () => {
    const { schedule } = known.cosine;
    expect(levelAt(schedule, 0.5)).toEqual({
      t: 0.5,
      alpha: Math.cos(Math.PI / 4),
      sigma: Math.sin(Math.PI / 4),
    });
    expect(timeRange(schedule)).toEqual([0.01, 0.9]);
    expect(timeRange({ ...schedule, time: { kind: 'discrete', steps: 1000 } })).toEqual([0, 999]);
  });
});

describe('transition', () => {
  it('has the marginals’ scale and variance', () => {
    fc.assert(
      fc.property(ordered(2), ([from, to]) => {
        const { scale, variance } = transition(from!, to!);
        expect(relative(scale * from!.alpha, to!.alpha)).toBeLessThan(1e-12);
        const total = scale ** 2 * from!.sigma ** 2 + variance;
        expect(relative(total, to!.sigma ** 2)).toBeLessThan(1e-12);
        expect(variance).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('composes: two steps are one', () => {
    fc.assert(
      fc.property(ordered(3), ([a, b, c]) => {
        const [ab, bc, ac] = [transition(a!, b!), transition(b!, c!), transition(a!, c!)];
        expect(relative(ab.scale * bc.scale, ac.scale)).toBeLessThan(1e-12);
        const variance = bc.scale ** 2 * ab.variance + bc.variance;
        expect(Math.abs(variance - ac.variance)).toBeLessThan(1e-12 * c!.sigma ** 2);
      }),
    );
  });

  it('is DDPM’s √(1 − β), β for neighbours', () => {
    for (const t of [1, 2, 500, 999]) {
      const { scale, variance } = transition(ddpm(t - 1), ddpm(t));
      expect(scale).toBeCloseTo(Math.sqrt(1 - betas[t]!), 13);
      expect(relative(variance, betas[t]!)).toBeLessThan(1e-10);
    }
  });

  it('loses no digits between near levels', () => {
    // σ_t² − (α_t/α_s)² σ_s² is 2e-10 of numbers near 6400.
    const [from, to] = [level(1, 80), level(1, 80 + 1e-10)];
    const exact = (to.sigma - from.sigma) * (to.sigma + from.sigma);
    expect(relative(transition(from, to).variance, exact)).toBeLessThan(1e-6);
  });

  it('holds at the ends', () => {
    expect(transition(level(1, 0), level(0.6, 0.8))).toEqual({ scale: 0.6, variance: 0.8 ** 2 });
    expect(transition(level(0.6, 0.8), level(0, 1))).toEqual({ scale: 0, variance: 1 });
    expect(transition(level(1, 0), level(0, 1))).toEqual({ scale: 0, variance: 1 });
    expect(transition(level(1, 2), level(1, Number.POSITIVE_INFINITY))).toEqual({
      scale: 1,
      variance: Number.POSITIVE_INFINITY,
    });
    const stay = transition(level(0.6, 0.8), level(0.6, 0.8));
    expect(stay.scale).toBe(1);
    expect(stay.variance).toBeCloseTo(0, 15);
  });

  it('refuses a step to less noise', () => {
    expect(() => transition(level(0.6, 0.8, 5), level(0.8, 0.6, 3))).toThrow(
      /from t = 5 .* to t = 3 .*more noise/,
    );
    expect(() => transition(level(0.6, 0.8), level(1, 0))).toThrow(/more noise/);
    expect(() => transition(level(0, 1), level(0.1, 1))).toThrow(/more noise/);
  });
});

describe('posterior', () => {
  it('is Bayes’ rule, by quadrature on a grid', () => {
    const cases: readonly (readonly [Level, Level])[] = [
      [level(0.5, 0.9), level(0.9, 0.4)],
      [level(1, 2), level(1, 0.5)],
      [level(0.3, 0.7), level(0.35, 0.6)],
      [level(0, 1), level(0.7, 0.5)],
    ];
    const [data, state] = [0.8, -0.4];
    for (const [at, before] of cases) {
      // q(x_s | x₀) q(x_t | x_s) on x_s, with the transition from the marginals' definition.
      const scale = at.alpha / before.alpha;
      const added = at.sigma ** 2 - scale ** 2 * before.sigma ** 2;
      let [mass, first, second] = [0, 0, 0];
      const step = 1e-3;
      for (let x = -12; x <= 12; x += step) {
        const density = Math.exp(
          -((x - before.alpha * data) ** 2) / (2 * before.sigma ** 2) -
            (state - scale * x) ** 2 / (2 * added),
        );
        mass += density;
        first += x * density;
        second += x * x * density;
      }
      const mean = first / mass;
      const { dataCoefficient, stateCoefficient, variance } = posterior(at, before);
      expect(dataCoefficient * data + stateCoefficient * state).toBeCloseTo(mean, 10);
      expect(variance).toBeCloseTo(second / mass - mean ** 2, 10);
    }
  });

  it('is DDPM’s μ̃ and β̃ for neighbours (Ho et al., eqs. 6 and 7)', () => {
    for (const t of [1, 2, 500, 999]) {
      const [bar, before, beta] = [alphaBars[t]!, alphaBars[t - 1]!, betas[t]!];
      const found = posterior(ddpm(t), ddpm(t - 1));
      const data = (Math.sqrt(before) * beta) / (1 - bar);
      const state = (Math.sqrt(1 - beta) * (1 - before)) / (1 - bar);
      const variance = ((1 - before) / (1 - bar)) * beta;
      expect(relative(found.dataCoefficient, data)).toBeLessThan(1e-10);
      expect(relative(found.stateCoefficient, state)).toBeLessThan(1e-10);
      expect(relative(found.variance, variance)).toBeLessThan(1e-10);
    }
  });

  it('gives back the marginal of the less noisy state', () => {
    fc.assert(
      fc.property(ordered(2), ([before, at]) => {
        const { dataCoefficient, stateCoefficient, variance } = posterior(at!, before!);
        const scale = dataCoefficient + stateCoefficient * at!.alpha;
        expect(relative(scale, before!.alpha)).toBeLessThan(1e-12);
        const total = stateCoefficient ** 2 * at!.sigma ** 2 + variance;
        expect(relative(total, before!.sigma ** 2)).toBeLessThan(1e-12);
      }),
    );
  });

  it('holds at the ends', () => {
    const none = { dataCoefficient: 1, stateCoefficient: 0, variance: 0 };
    expect(posterior(level(0.6, 0.8), level(1, 0))).toEqual(none);
    expect(posterior(level(1, 0), level(1, 0))).toEqual(none);
    // Pure noise says nothing of the state before.
    for (const noise of [level(0, 1), level(1, Number.POSITIVE_INFINITY)]) {
      const { dataCoefficient, stateCoefficient, variance } = posterior(noise, level(0.6, 0.8));
      expect(dataCoefficient).toBeCloseTo(0.6, 15);
      expect(stateCoefficient).toBe(0);
      expect(variance).toBeCloseTo(0.64, 15);
    }
  });

  it('refuses levels in the wrong order', () => {
    expect(() => posterior(level(0.9, 0.4), level(0.5, 0.9))).toThrow(/more noise/);
    expect(() => posterior(level(1, 0), level(0.5, 0.9))).toThrow(/more noise/);
  });
});

describe('sdeCoefficients', () => {
  describe.each(Object.entries(known))('%s', (_name, { schedule, drift, diffusionSquared }) => {
    const [start, end] = timeRange(schedule);
    const h = (end - start) * 1e-3;
    // Steps of the difference formula from either end, and the middle.
    const times = [0, 0.4, 1, 1.3, 1.7, 2, 2.5].flatMap((steps) => [
      start + steps * h,
      end - steps * h,
    ]);

    it('agrees with the closed form, at the ends as well', () => {
      for (const t of [...times, (start + end) / 2]) {
        const found = sdeCoefficients(schedule, t);
        const [f, g2] = [drift(t), diffusionSquared(t)];
        expect(Math.abs(found.drift - f)).toBeLessThan(1e-7 * Math.max(1, Math.abs(f)));
        expect(Math.abs(found.diffusionSquared - g2)).toBeLessThan(1e-7 * Math.max(1, g2));
      }
    });

    it('asks the schedule for times of its domain only', () => {
      const asked: number[] = [];
      const watched: Schedule = {
        ...schedule,
        alpha(t) {
          asked.push(t);
          return schedule.alpha(t);
        },
      };
      for (const t of times) sdeCoefficients(watched, t);
      expect(Math.min(...asked)).toBeGreaterThanOrEqual(start);
      expect(Math.max(...asked)).toBeLessThanOrEqual(end);
    });
  });

  it('prefers the schedule’s own rates', () => {
    const schedule: Schedule = {
      ...known.EDM.schedule,
      rates: () => ({ logAlpha: -3, variance: 5 }),
    };
    expect(sdeCoefficients(schedule, 2)).toEqual({ drift: -3, diffusionSquared: 5 + 6 * 4 });
  });
});

describe('timeAtHalfLogSnr', () => {
  it.each(Object.entries(known))('inverts λ of %s', (_name, { schedule }) => {
    const [start, end] = timeRange(schedule);
    for (const share of [0, 0.01, 0.3, 0.5, 0.99, 1]) {
      const t = start + share * (end - start);
      const found = timeAtHalfLogSnr(schedule, halfLogSnr(levelAt(schedule, t)));
      expect(Math.abs(found - t)).toBeLessThan(1e-12 * Math.max(1, t));
    }
  });

  it('clamps to the ends, infinite ones too', () => {
    const { schedule } = known.EDM;
    expect(timeAtHalfLogSnr(schedule, 100)).toBe(0.002);
    expect(timeAtHalfLogSnr(schedule, Number.POSITIVE_INFINITY)).toBe(0.002);
    expect(timeAtHalfLogSnr(schedule, -100)).toBe(80);
    const full = continuous(
      (t) => 1 - t,
      (t) => t,
      0,
      1,
    );
    expect(timeAtHalfLogSnr(full, Number.POSITIVE_INFINITY)).toBe(0);
    expect(timeAtHalfLogSnr(full, Number.NEGATIVE_INFINITY)).toBe(1);
    expect(timeAtHalfLogSnr(full, 0)).toBeCloseTo(0.5, 15);
  });

  it('refuses NaN', () => {
    expect(() => timeAtHalfLogSnr(known.EDM.schedule, Number.NaN)).toThrow(/λ is NaN/);
  });
});
