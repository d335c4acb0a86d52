import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { TweedieError } from '@tweedie/core';
import { refuseOption } from './problems.js';
import { pixelatedStyle } from './raster.js';
import { fontFamily } from './text/draw-text.js';

export interface PngOptions {
  /** Width in pixels; the height follows. The figure's own width unless this or `scale` is given. */
  readonly width?: number | undefined;
  /** Pixels of the PNG a pixel of the figure. */
  readonly scale?: number | undefined;
}

const require = createRequire(import.meta.url);
let ready: Promise<readonly Uint8Array[]> | undefined;

/**
 * A figure's SVG as a PNG file, with the fonts that come with this package: the same on every
 * machine, whatever is installed there.
 *
 * @throws TweedieError INVALID_OPTION, INVALID_VALUE (not SVG), MISSING_DATA (fonts or rasteriser
 * are not installed)
 */
export async function renderPng(svg: string, options: PngOptions = {}): Promise<Uint8Array> {
  const fitTo = fitOf(options);
  ready ??= load();
  const fontBuffers = [...(await ready)];
  try {
    const resvg = new Resvg(svg.replaceAll(pixelatedStyle, ''), {
      fitTo,
      font: {
        fontBuffers,
        defaultFontFamily: fontFamily,
        sansSerifFamily: fontFamily,
      },
    });
    try {
      const rendered = resvg.render();
      const png = rendered.asPng();
      rendered.free();
      return png;
    } finally {
      resvg.free();
    }
  } catch (cause) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'plots',
      given: `the SVG cannot be drawn (${cause instanceof Error ? cause.message : String(cause)})`,
      allowed: 'what renderSvg returns',
      cause,
    });
  }
}

function fitOf({ width, scale }: PngOptions) {
  for (const [name, value] of Object.entries({ width, scale })) {
    if (value === undefined || (value > 0 && Number.isFinite(value))) continue;
    throw refuseOption('INVALID_OPTION', `${name} is ${value}`, 'a number above 0');
  }
  if (width !== undefined && scale !== undefined) {
    throw refuseOption('INVALID_OPTION', 'both width and scale are given', 'one of them');
  }
  if (width !== undefined) return { mode: 'width' as const, value: Math.round(width) };
  return { mode: 'zoom' as const, value: scale ?? 1 };
}

/** Starts the rasteriser, once in a process, and reads the fonts. */
async function load(): Promise<readonly Uint8Array[]> {
  try {
    const wasm = await readFile(require.resolve('@resvg/resvg-wasm/index_bg.wasm'));
    await startOnce(wasm);
    return await Promise.all([
      readFile(require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf')),
      readFile(require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf')),
    ]);
  } catch (cause) {
    ready = undefined;
    throw new TweedieError({
      code: 'MISSING_DATA',
      package: 'plots',
      given: `the rasteriser or its fonts cannot be loaded (${(cause as Error).message})`,
      fix: 'install @tweedie/plots again, with its dependencies',
      cause,
    });
  }
}

async function startOnce(wasm: Uint8Array<ArrayBuffer>): Promise<void> {
  try {
    await initWasm(wasm);
  } catch (error) {
    // Another user of the module in this process has initialized it.
    if (!/already initialized/i.test(String(error))) throw error;
  }
}
