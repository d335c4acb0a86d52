import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { testNetwork } from '@tweedie/testing';
import { expect, it } from 'vitest';
import { convNet } from './conv-net.testing.js';

testNetwork('conv-net', () => convNet({ size: 4, features: 4 }));

it("is the README's example of a network of one's own", () => {
  const code = readFileSync(join(import.meta.dirname, 'conv-net.testing.ts'), 'utf8');
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  expect(readme).toContain(code.replace("'./index.js'", "'@tweedie/networks'"));
});
