import {
  type ColourScale,
  colourScale,
  rgbOf,
  type ValueColours,
} from '../colour/value-colours.js';
import { checkGrid, type Grid } from '../grid.js';
import { checkFinite, nameOfMark } from '../problems.js';
import { rangeOf } from '../range.js';
import { drawRaster, type Raster } from '../raster.js';
import { boxOf, type Mark } from './mark.js';

export interface HeatmapOptions extends ValueColours {
  /** Lets the viewer smooth between cells; cells have sharp edges otherwise. */
  readonly smooth?: boolean | undefined;
}

/**
 * The cells of a grid in colours, as one embedded image.
 *
 * @throws TweedieError NOT_FINITE, INVALID_SHAPE, INVALID_VALUE, UNKNOWN_NAME
 */
export function heatmap(grid: Grid, options: HeatmapOptions = {}): Mark {
  const name = nameOfMark('heatmap', undefined);
  checkGrid(name, grid);
  checkFinite(name, 'value', grid.values);
  const colours = colourScale(name, options, rangeOf(grid.values));
  return {
    kind: 'heatmap',
    extent: { x: grid.x, y: grid.y },
    colours,
    draw(frame) {
      return drawRaster(rasterOf(grid, colours), boxOf(frame, grid), options.smooth);
    },
  };
}

/** One pixel a cell, from the top row. */
function rasterOf({ columns, rows, values }: Grid, colours: ColourScale): Raster {
  const data = new Uint8Array(columns * rows * 3);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const colour = rgbOf(colours, values[(rows - 1 - row) * columns + column]!);
      data.set(colour, (row * columns + column) * 3);
    }
  }
  return { data, width: columns, height: rows, channels: 3 };
}
