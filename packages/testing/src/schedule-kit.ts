import {
  halfLogSnr,
  levelAt,
  type Schedule,
  sdeCoefficients,
  timeAtHalfLogSnr,
  timeRange,
  transition,
} from '@tweedie/core';
import { describe, expect, it } from 'vitest';

export interface ScheduleKitOptions {
  /** α² + σ² = 1 at every time. */
  readonly variancePreserving?: boolean;
}

/**
 * What every schedule must hold: finite α and σ that are never negative, noise that grows with
 * time, an inverse, transitions between any two levels, rates that are the derivatives, and refusal
 * of times outside its domain (INVALID_VALUE; `checkedTime` of `@tweedie/core`).
 *
 * @param make makes the schedule under test
 */
export function testSchedule(
  name: string,
  make: () => Schedule,
  options: ScheduleKitOptions = {},
): void {
  describe(`schedule ${name}`, () => {
    const schedule = make();
    const [start, end] = timeRange(schedule);
    const discrete = schedule.time.kind === 'discrete';
    const between = Array.from({ length: 41 }, (_, i) => start + ((end - start) * i) / 40);
    const whole = discrete ? Array.from({ length: end - start + 1 }, (_, t) => t) : [];
    const times = [...new Set([...between, ...whole])].sort((a, b) => a - b);
    const levels = times.map((t) => levelAt(schedule, t));

    it('has finite scales that are never negative, and noise from the first time on', () => {
      for (const { alpha, sigma, t } of levels) {
        expect(Number.isFinite(alpha) && alpha >= 0, `α(${t}) = ${alpha}`).toBe(true);
        expect(Number.isFinite(sigma) && sigma > 0, `σ(${t}) = ${sigma}`).toBe(true);
      }
    });

    it('has λ = ln(α/σ) fall strictly as time grows', () => {
      levels.slice(1).forEach((level, i) => {
        expect(halfLogSnr(level), `λ(${level.t})`).toBeLessThan(halfLogSnr(levels[i]!));
      });
    });

    it('comes back to the time of each λ', () => {
      for (const level of levels) {
        const back = timeAtHalfLogSnr(schedule, halfLogSnr(level));
        expect(Math.abs(back - level.t)).toBeLessThanOrEqual(1e-6 * (end - start));
      }
    });

    it('has transitions of positive variance between any two levels', () => {
      for (let i = 0; i + 1 < levels.length; i += Math.ceil(levels.length / 20)) {
        const from = levels[i]!;
        for (const to of [levels[i + 1]!, levels.at(-1)!]) {
          const { scale, variance } = transition(from, to);
          expect(scale).toBeGreaterThanOrEqual(0);
          expect(variance).toBeGreaterThan(0);
        }
      }
    });

    it('refuses times outside its domain', () => {
      const width = Math.max(1, end - start);
      for (const t of [start - width, end + width, Number.NaN]) {
        expect(() => schedule.sigma(t)).toThrow(expect.objectContaining({ code: 'INVALID_VALUE' }));
      }
    });

    it('has a name and options that JSON keeps', () => {
      expect(schedule.name).not.toBe('');
      expect(JSON.parse(JSON.stringify(schedule.config))).toEqual(schedule.config);
    });

    if (options.variancePreserving === true) {
      it('preserves variance: α² + σ² = 1', () => {
        for (const { alpha, sigma } of levels) expect(alpha ** 2 + sigma ** 2).toBeCloseTo(1, 12);
      });
    }

    if (schedule.rates !== undefined) {
      it('has rates that are the derivatives of ln α and σ²', () => {
        for (const t of between) {
          const own = sdeCoefficients(schedule, t);
          const { name, config, time } = schedule;
          const measured = sdeCoefficients(
            {
              name,
              config,
              time,
              alpha: (s) => schedule.alpha(s),
              sigma: (s) => schedule.sigma(s),
            },
            t,
          );
          expect(measured.drift).toBeCloseTo(own.drift, 5);
          const error = Math.abs(measured.diffusionSquared - own.diffusionSquared);
          expect(error).toBeLessThan(1e-6 * Math.max(0.01, own.diffusionSquared));
        }
      });
    }
  });
}
