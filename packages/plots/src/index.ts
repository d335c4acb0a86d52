export { numberText } from './axes/number-text.js';
export type { Axis, Tick } from './axes/scale.js';
export { type Category, category, type MarkerShape, neutral, palette } from './colour/palette.js';
export { type RampName, type Rgb, rampColour, rampNames } from './colour/ramps.js';
export type { ColourScale, ValueColours } from './colour/value-colours.js';
export type { PointList } from './columns.js';
export type { Figure, LegendPlace, Link, Panel } from './figure.js';
export { cellCentres, evaluateGrid, type Grid, type GridShape } from './grid.js';
export {
  arrow,
  horizontalRule,
  type RuleOptions,
  type TextOptions,
  text,
  verticalRule,
} from './marks/annotations.js';
export { type ArrowsOptions, arrows } from './marks/arrows.js';
export {
  type BarsOptions,
  bars,
  type HistogramOptions,
  histogram,
} from './marks/bars.js';
export { type ContoursOptions, contours } from './marks/contours.js';
export { type CurveOptions, curve } from './marks/curve.js';
export { type HeatmapOptions, heatmap } from './marks/heatmap.js';
export { type ImageOptions, image } from './marks/image.js';
export { type LinesOptions, line, lines } from './marks/lines.js';
export type { Extent, Frame, Mark } from './marks/mark.js';
export { type PointsOptions, points } from './marks/points.js';
export type { Stroke } from './marks/stroke.js';
export type { Range } from './range.js';
export { renderSvg } from './render-svg.js';
