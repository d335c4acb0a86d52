export {
  createFigureContext,
  type DigitModel,
  type DrawnFigure,
  type FigureContext,
  type FigureOptions,
  type FigureProgress,
} from './context.js';
export { type FigureEntry, figures } from './figures.js';
