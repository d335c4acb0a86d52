import type { Bench, DrawnFigure } from './bench.js';
import { figure1 } from './figure-1.js';
import { figure2 } from './figure-2.js';
import { figure3 } from './figure-3.js';
import { figure4 } from './figure-4.js';
import { figure5 } from './figure-5.js';

export interface FigureEntry {
  /** The figure's number on the slides. */
  readonly number: number;
  /** The rest of its files' name. */
  readonly slug: string;
  readonly draw: (bench: Bench) => Promise<DrawnFigure>;
}

export const allFigures: readonly FigureEntry[] = [
  { number: 1, slug: 'score-and-langevin', draw: figure1 },
  { number: 2, slug: 'estimated-scores', draw: figure2 },
  { number: 3, slug: 'annealed-langevin', draw: figure3 },
  { number: 4, slug: 'forward-and-reverse', draw: figure4 },
  { number: 5, slug: 'training-and-sampling', draw: figure5 },
];
