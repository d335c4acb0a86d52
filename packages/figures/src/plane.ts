import type { Density } from '@tweedie/core';
import {
  cellCentres,
  contours,
  evaluateGrid,
  type Grid,
  type Mark,
  type Panel,
} from '@tweedie/plots';

/** A square of the plane. */
export interface Square {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/** The square of all points whose coordinates are at most `reach` away from zero. */
export function squareOf(reach: number): Square {
  return { x: [-reach, reach], y: [-reach, reach] };
}

/** A panel of the plane with equal axes. */
export function planePanel(square: Square, panel: Omit<Panel, 'x' | 'y' | 'equalAspect'>): Panel {
  return {
    x: { label: 'x₁', domain: square.x },
    y: { label: 'x₂', domain: square.y },
    equalAspect: true,
    ...panel,
  };
}

/** Panels of one row whose vertical axes are the same: only the first has its label. */
export function sharingYLabel(panels: readonly Panel[]): Panel[] {
  return panels.map((panel, i) => {
    if (i === 0) return panel;
    const { label: _, ...y } = panel.y ?? {};
    return { ...panel, y };
  });
}

/** The points at which the arrows of a field are drawn. */
export function fieldPoints(square: Square, across = 17): [x: number, y: number][] {
  return cellCentres({ ...square, columns: across, rows: across });
}

export function densityGrid(square: Square, density: Density, cells = 96): Grid {
  return evaluateGrid({ ...square, columns: cells, rows: cells }, (x, y) =>
    Math.exp(density.logDensity([x, y])),
  );
}

/** Levels of a density, evenly spaced in its logarithm, from the share `low` of its peak up. */
export function densityLevels({ values }: Grid, count: number, low = 0.01): number[] {
  const peak = Math.max(...Array.from(values));
  return Array.from({ length: count }, (_, i) => peak * low ** (1 - (i + 0.5) / count));
}

/** A density as filled steps of its logarithm, light enough for arrows in front of it. */
export function densitySteps(grid: Grid, levels: readonly number[]): Mark {
  const step = levels[1]! / levels[0]!;
  const domain = [levels[0]! / step, levels.at(-1)! * step ** (0.8 * levels.length)] as const;
  return contours(grid, { filled: true, ramp: 'blues', levels, scale: 'log', domain });
}
