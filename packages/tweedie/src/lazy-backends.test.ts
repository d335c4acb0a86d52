import { createRequire } from 'node:module';
import { engine } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

/** What Node has loaded of the runtimes and tfjs's backends, which are CommonJS. */
const loaded = () => {
  const paths = Object.keys(createRequire(import.meta.url).cache);
  const names = paths.flatMap((path) => /(onnxruntime|tfjs-backend)-[a-z]+/.exec(path)?.[0] ?? []);
  return [...new Set(names)].sort();
};

it('recipes and the registry load no backend; each is loaded when it is chosen', async () => {
  const { createTweedieRegistry, openBackend, recipes } = await import('./index.js');
  const { createNodeRegistry } = await import('./node.js');
  expect(recipes.length).toBeGreaterThan(0);
  createTweedieRegistry();
  createNodeRegistry();
  expect(engine().backendNames()).toEqual([]);
  expect(loaded()).toEqual([]);

  await (await openBackend('cpu')).dispose();
  expect(loaded()).toEqual(['tfjs-backend-cpu']);
  await (await openBackend('onnx')).dispose();
  expect(loaded()).toEqual(expect.arrayContaining(['onnxruntime-common', 'onnxruntime-node']));
});
