import { memory, setBackend } from '@tensorflow/tfjs-core';
import { onnxBackend } from '@tweedie/backend-onnx';
import { type Backend, createRng, type Network, noisePrediction } from '@tweedie/core';
import { mnist } from '@tweedie/data/node';
import { mlp, unet2d } from '@tweedie/networks';
import { renderSvg } from '@tweedie/plots';
import { cosine } from '@tweedie/schedules';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFigureContext, type FigureOptions } from './context.js';
import { figures } from './figures.js';

let backend: Backend;
beforeAll(() => {
  backend = onnxBackend({ threads: 1 });
});
afterAll(() => backend.dispose());

const digits = () => mnist({ limit: 50 });

/** A figure by its number, with next to no training. */
function draw(number: number, options: Partial<FigureOptions> = {}) {
  const context = createFigureContext({ backend, effort: 0.002, seed: 3, digits, ...options });
  return figures.find((figure) => figure.number === number)!.draw(context);
}

describe('figures', () => {
  it('are numbered from 1 to 5, with names for files', () => {
    expect(figures.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
    for (const { slug } of figures) expect(slug).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });

  it.each([1, 2, 3, 4, 5])('Figure %i draws, and leaves no tensor behind', async (number) => {
    await setBackend(backend.tensorBackend);
    const before = memory().numTensors;
    const { figure, numbers } = await draw(number);
    expect(memory().numTensors).toBe(before);
    expect(renderSvg(figure)).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    expect(Object.keys(numbers).length).toBeGreaterThan(0);
    // What JSON would turn into null is no number.
    expect(JSON.stringify(numbers)).not.toContain('null');
  });

  it('are the same from the same seed, and others from another', async () => {
    const svgOf = async (seed: number) => renderSvg((await draw(1, { seed })).figure);
    const first = await svgOf(5);
    expect(await svgOf(5)).toBe(first);
    expect(await svgOf(6)).not.toBe(first);
  });

  it('train what two of them need once', async () => {
    const tasks = new Set<string>();
    let lastSteps = 0;
    const context = createFigureContext({
      backend,
      effort: 0.002,
      onProgress: ({ task, done, total }) => {
        tasks.add(task);
        if (task === 'Sliced score matching' && done === total) lastSteps += 1;
      },
    });
    for (const { number, draw } of figures) if (number === 2 || number === 3) await draw(context);
    expect(tasks).toContain('Denoising score matching');
    expect(lastSteps).toBe(1);
  });

  it('stop when they are aborted', async () => {
    const controller = new AbortController();
    const drawing = draw(5, {
      effort: 1,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(drawing).rejects.toThrow(expect.objectContaining({ code: 'ABORTED' }));
  });
});

describe('Figure 4', () => {
  it('asks for digits', async () => {
    await expect(draw(4, { digits: undefined })).rejects.toThrow(/has no digits.*mnist/);
  });

  it('draws a trained model of images, and refuses another', async () => {
    const modelOf = (network: Network, description: string) => ({
      description,
      model: { network, parameterization: noisePrediction(), schedule: cosine() },
      params: network.init(createRng(0)),
    });
    const images = unet2d({
      sampleSize: 4,
      inChannels: 1,
      outChannels: 1,
      blockOutChannels: [4],
      downBlockTypes: ['DownBlock2D'],
      upBlockTypes: ['UpBlock2D'],
      layersPerBlock: 1,
      normNumGroups: 2,
    });
    const digitModel = modelOf(images, 'network of runs/digits, step 5');
    const { figure, numbers } = await draw(4, { digitModel });
    expect(numbers.digits).toBe('network of runs/digits, step 5');
    expect(figure.caption).toContain('network of runs/digits, step 5');
    const plane = modelOf(mlp({ widths: [4] }), 'network of runs/moons, step 5');
    await expect(draw(4, { digitModel: plane })).rejects.toThrow(
      /runs\/moons, step 5 have shape \[2\]/,
    );
  });
});

describe('createFigureContext', () => {
  it('refuses an effort that is not above 0', () => {
    for (const effort of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => createFigureContext({ backend, effort })).toThrow(/effort is/);
    }
  });
});
