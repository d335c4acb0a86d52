import { array, assert, integer, property } from 'fast-check';
import { expect, it } from 'vitest';
import { createGraph, nodesBehind, type Value } from '../ir/graph.js';
import { concat, split } from '../ir/shape.js';
import { fewBuffers } from './few-buffers.js';

const start = () => createGraph({ operators: 'runtime', blockSize: 0 });

/** How many tensors each node joins or splits. */
const parts = (outputs: readonly Value[]) =>
  nodesBehind(outputs[0]!.graph, outputs).map(({ operator, inputs, outputs: results }) => ({
    operator,
    count: operator === 'Split' ? results.length : inputs.length,
  }));

/** Where in the inputs each element of a value comes from, for one axis. */
function origins(value: Value): string[] {
  const { source, shape } = value;
  if (source.kind === 'input')
    return Array.from({ length: shape[0]! }, (_, i) => `${source.index}.${i}`);
  if (source.kind !== 'node') throw new Error('no constants here');
  const { operator, inputs, outputs } = source.node;
  if (operator === 'Concat') return inputs.flatMap((input) => origins(input!));
  const before = outputs.slice(0, outputs.indexOf(value)).reduce((sum, v) => sum + v.shape[0]!, 0);
  return origins(inputs[0]!).slice(before, before + shape[0]!);
}

const sizes = array(integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 120 });

it('splits and joins in steps of at most seven, in the same order', () => {
  assert(
    property(sizes, (lengths) => {
      const graph = start();
      const whole = graph.input('float32', [lengths.reduce((sum, n) => sum + n, 0)]);
      const pieces = split(whole, lengths, 0);
      const inputs = lengths.map((n) => graph.input('float32', [n]));
      const outputs = [...pieces, concat(inputs, 0)];
      const result = fewBuffers({ graph, outputs });
      expect(result.outputs.map(origins)).toEqual(outputs.map(origins));
      expect(result.outputs.map(({ shape }) => shape)).toEqual(outputs.map(({ shape }) => shape));
      for (const { count } of parts(result.outputs)) expect(count).toBeLessThanOrEqual(7);
    }),
    { numRuns: 50 },
  );
});

it('leaves what fits as it is', () => {
  const graph = start();
  const outputs = split(graph.input('float32', [7]), [1, 1, 1, 1, 1, 1, 1], 0);
  expect(parts(fewBuffers({ graph, outputs }).outputs)).toEqual(parts(outputs));
});
