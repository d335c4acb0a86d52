import { annealedLangevinFigure } from './annealed-langevin.js';
import type { DrawnFigure, FigureContext } from './context.js';
import { estimatedScoresFigure } from './estimated-scores.js';
import { forwardAndReverseFigure } from './forward-and-reverse.js';
import { scoreAndLangevinFigure } from './score-and-langevin.js';
import { trainingAndSamplingFigure } from './training-and-sampling.js';

export interface FigureEntry {
  /** 1 to 5, as in Fig. 1. */
  readonly number: number;
  /** What it shows, in words that a file name can hold. */
  readonly slug: string;
  /**
   * Computes the figure.
   *
   * @throws TweedieError ABORTED; of Fig. 4 MISSING_DATA without digits, INVALID_SHAPE with a model
   * whose items are not images
   */
  readonly draw: (context: FigureContext) => Promise<DrawnFigure>;
}

/** All figures, in their order. */
export const figures: readonly FigureEntry[] = [
  { number: 1, slug: 'score-and-langevin', draw: scoreAndLangevinFigure },
  { number: 2, slug: 'estimated-scores', draw: estimatedScoresFigure },
  { number: 3, slug: 'annealed-langevin', draw: annealedLangevinFigure },
  { number: 4, slug: 'forward-and-reverse', draw: forwardAndReverseFigure },
  { number: 5, slug: 'training-and-sampling', draw: trainingAndSamplingFigure },
];
