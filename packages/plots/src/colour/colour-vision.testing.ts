import type { Rgb } from './ramps.js';

/** Linear-light RGB as seen without the green-sensitive cones (Machado et al. 2009, severity 1). */
const deuteranopia = [
  [0.367322, 0.860646, -0.227968],
  [0.280085, 0.672501, 0.047413],
  [-0.01182, 0.04294, 0.968881],
];
/** The same without the red-sensitive cones. */
const protanopia = [
  [0.152286, 1.052583, -0.204868],
  [0.114503, 0.786281, 0.099216],
  [-0.003882, -0.048116, 1.051998],
];
const whole = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];
export const visions = { whole, deuteranopia, protanopia };

/** CIE L*a*b* (D65) of a colour as it is seen. */
export function labOf(rgb: Rgb, vision: readonly (readonly number[])[]): readonly number[] {
  const light = rgb.map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const seen = vision.map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        row.reduce((sum, weight, i) => sum + weight * light[i]!, 0),
      ),
    ),
  );
  const xyz = [
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.072175],
    [0.0193339, 0.119192, 0.9503041],
  ].map((row) => row.reduce((sum, weight, i) => sum + weight * seen[i]!, 0));
  const [x, y, z] = xyz.map((value, i) => {
    const ratio = value / [0.95047, 1, 1.08883][i]!;
    return ratio > 216 / 24389 ? Math.cbrt(ratio) : ((24389 / 27) * ratio + 16) / 116;
  }) as [number, number, number];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** ΔE*ab (CIE 1976) between two colours; about 2.3 is just noticeable. */
export function colourDistance(
  a: Rgb,
  b: Rgb,
  vision: readonly (readonly number[])[] = whole,
): number {
  const [labA, labB] = [labOf(a, vision), labOf(b, vision)];
  return Math.hypot(...labA.map((value, i) => value - labB[i]!));
}
