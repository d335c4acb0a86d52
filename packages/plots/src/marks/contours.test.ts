import { describe, expect, it } from 'vitest';
import { evaluateGrid } from '../grid.js';
import { contours } from './contours.js';

/** Maps the plane to itself, a thousandfold so that rounding to 0.1 is far below a cell. */
const frame = { width: 1, height: 1, x: (x: number) => 1000 * x, y: (y: number) => 1000 * y };
const numbers = (svg: string) =>
  [...svg.matchAll(/-?[\d.]+,-?[\d.]+/g)].map(([at]) =>
    at.split(',').map((part) => Number(part) / 1000),
  );
const square = { x: [-2, 2], y: [-2, 2], columns: 80, rows: 80 } as const;

describe('contours', () => {
  it('of a cone are circles of their level', () => {
    const cone = evaluateGrid(square, (x, y) => Math.hypot(x, y));
    const ring = numbers(
      contours(cone, { levels: [1.5] })
        .draw(frame)
        .split('d="')[1]!
        .split('"')[0]!,
    );
    // What lies above the level also ends at the border of the grid.
    const inside = ring.filter(([x, y]) => Math.max(Math.abs(x!), Math.abs(y!)) < 1.9);
    expect(inside.length).toBeGreaterThan(100);
    // The cells are 0.05 wide, on which a circle of radius 1.5 bends by 0.0002.
    for (const [x, y] of inside) expect(Math.hypot(x!, y!)).toBeCloseTo(1.5, 2);
  });

  it('run straight to the border and close beyond it', () => {
    const slope = evaluateGrid(square, (x, y) => x + 0.5 * y);
    const path = contours(slope, { levels: [0.3] })
      .draw(frame)
      .split('d="')[1]!
      .split('"')[0]!;
    const inside = numbers(path).filter(([x, y]) => Math.abs(x!) < 2.02 && Math.abs(y!) < 2.02);
    expect(inside.length).toBeGreaterThan(70);
    // Exact on a plane; 0.1 pixels are 1e-4 here.
    for (const [x, y] of inside) expect(Math.abs(x! + 0.5 * y! - 0.3)).toBeLessThan(3e-4);
  });

  it('are spread evenly between the lowest and the highest value', () => {
    const slope = evaluateGrid(square, (x) => x);
    const paths =
      contours(slope, { levels: 3, ramp: 'viridis' }).draw(frame).split('<path').length - 1;
    expect(paths).toBe(3);
  });
});
