import { describe, expect, it } from 'vitest';
import { userLine, withLongStacks } from './user-line.js';

const tfjs = '/home/me/app/node_modules/@tensorflow/tfjs-core/dist/tf-core.node.js';

describe('userLine', () => {
  it.each([
    [
      'Node',
      `Error: no\n    at Engine.runKernel (${tfjs}:3:9)\n    at file:///home/me/app/node_modules/@tweedie/backend-onnx/dist/index.js:5:6\n    at loss (file:///home/me/my%20app/model.ts:12:7)\n    at file:///home/me/my%20app/main.ts:3:1`,
      '/home/me/my app/model.ts:12:7',
    ],
    [
      'Windows',
      'Error: no\n    at a (C:\\app\\node_modules\\@tensorflow\\tfjs-core\\dist\\a.js:1:2)\n    at f (file:///C:/app/model.js:4:5)',
      'C:/app/model.js:4:5',
    ],
    [
      'Firefox and Safari',
      'runKernel@https://cdn.example/npm/@tensorflow/tfjs@4.22.0/dist/tf.min.js:17:9\nstep@http://localhost:5173/src/model.ts?t=17:8:15\n',
      'http://localhost:5173/src/model.ts:8:15',
    ],
    ['nobody', `Error: no\n    at run (${tfjs}:3:9)\n    at node:internal/main:1:2`, undefined],
    ['a stack that is not there', '', undefined],
  ])('of %s', (_name, stack, line) => {
    expect(userLine(stack)).toBe(line);
  });

  it('of here', () => {
    expect(userLine()).toMatch(/user-line\.test\.ts:\d+:\d+$/);
  });
});

it('stacks are long for a while only', () => {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 2;
  expect(withLongStacks(() => Error.stackTraceLimit)).toBe(200);
  expect(Error.stackTraceLimit).toBe(2);
  expect(() =>
    withLongStacks(() => {
      throw new RangeError('mine');
    }),
  ).toThrow('mine');
  expect(Error.stackTraceLimit).toBe(2);
  Error.stackTraceLimit = before;
});
