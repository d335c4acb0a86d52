import { add, concat, mean, slice, square, type Tensor } from '@tensorflow/tfjs-core';
import { conv2d, groupNorm, upsampleNearest, valueAndGrad } from '@tweedie/autodiff';
import { createRng, flattenTree, type Params } from '@tweedie/core';
import { createProgram } from '../programs/program.js';
import type { SessionSettings } from '../sessions/settings.js';
import { trace } from '../trace/trace.js';

const settings: SessionSettings = { device: 'cpu', threads: 1, spinning: false, arena: false };

/** The relative difference that rounding explains. */
const TOLERANCE = 1e-4;

/**
 * Whether blocked operations give what the standard ones give, on a small network with each of
 * them and its gradients. They are internal to the runtime, so a processor or a build on which they
 * mean something else must not go unnoticed.
 */
export async function nchwcAgrees(blockSize: number): Promise<boolean> {
  const shapes = shapesFor(blockSize);
  const values = Object.values(shapes).map((shape, i) => createRng(1).fork(i).normal(shape).data);
  const standard = await run(shapes, values, 0);
  // A graph that the runtime refuses is no agreement either.
  const blocked = await run(shapes, values, blockSize).catch(() => undefined);
  return standard.every(
    (numbers, i) => blocked !== undefined && distance(numbers, blocked[i]!) < TOLERANCE,
  );
}

const shapesFor = (b: number) => ({
  x: [b, 6, 6, 1],
  first: [2 * b, 1, 3, 3],
  bias: [2 * b],
  wide: [b, 2 * b, 3, 3],
  down: [2 * b, b, 3, 3],
  up: [b, 2 * b, 1, 1],
  last: [1, 2 * b, 3, 3],
  scale: [2 * b],
});

function network(p: Params): Tensor {
  const items = p.x!.shape[0]!;
  const outputs = p.wide!.shape[0]!;
  const same = { padding: 1 };
  const h = conv2d(p.x!, p.first!, p.bias!, same);
  const normal = groupNorm(h, p.scale!, p.bias!, { groups: 4, activation: 'silu' });
  const narrow = conv2d(normal, p.wide!, undefined, same);
  const small = conv2d(narrow, p.down!, p.bias!, { stride: 2, padding: 1 });
  const large = upsampleNearest(conv2d(small, p.up!), 2);
  const half = slice(h, [0, 0, 0, outputs], [items, 6, 6, outputs]);
  const both = concat([add(large, half), narrow], 3);
  return mean(square(conv2d(both, p.last!, undefined, same)));
}

async function run(
  shapes: Readonly<Record<string, number[]>>,
  values: readonly Float32Array[],
  blockSize: number,
): Promise<Float32Array[]> {
  const names = Object.keys(shapes);
  const { structure } = flattenTree(names.map((name) => ({ dataId: {}, shape: shapes[name] })));
  const program = await createProgram(
    trace({
      fn: (...leaves: Tensor[]) => {
        const { value, grads } = valueAndGrad(network)(
          Object.fromEntries(names.map((name, i) => [name, leaves[i]!])),
        );
        return [value, ...names.map((name) => grads[name]!)];
      },
      argumentTypes: names.map((name) => ({ shape: shapes[name]!, type: 'float32' as const })),
      structure,
      dialect: { operators: 'runtime', blockSize },
    }),
    settings,
  );
  const results = (await program.run(values)) as Tensor[];
  await program.release();
  return results.map((tensor) => {
    const numbers = tensor.dataSync<'float32'>();
    tensor.dispose();
    return numbers;
  });
}

/** The greatest difference, over the reference's root mean square. */
function distance(reference: Float32Array, other: Float32Array): number {
  const meanSquare = reference.reduce((sum, x) => sum + x * x, 0) / reference.length;
  const gap = reference.reduce((worst, x, i) => Math.max(worst, Math.abs(x - other[i]!)), 0);
  return Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap / Math.sqrt(meanSquare);
}
