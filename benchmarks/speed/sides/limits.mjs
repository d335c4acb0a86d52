// What the machine can do at most through ONNX Runtime, printed as JSON. The first argument is the
// number of threads.
import { add, matMul, slice, tensor } from '@tensorflow/tfjs-core';
import { conv2d } from '@tweedie/autodiff';
import { onnxBackend } from '@tweedie/backend-onnx';

const backend = onnxBackend({ threads: Number(process.argv[2]) });
const ROUNDS = 5;

/** Numbers between −1 and 1 times a scale, small enough that a chain of products does not overflow. */
function numbers(shape, scale = 1) {
  const size = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Float32Array.from({ length: size }, (_, i) => scale * Math.sin(i)),
    shape,
  );
}

/** A number of the result, which costs nothing to hand back. */
const corner = (x) =>
  slice(
    x,
    x.shape.map(() => 0),
    x.shape.map(() => 1),
  );

/** The shortest time in ms of `count` times an operation, one after another, less that of one. */
async function shortest(count, chain, x) {
  const times = [];
  for (const length of [1, 1 + count]) {
    const run = backend.compile((input) => corner(chain(input, length)));
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i <= ROUNDS; i++) {
      const start = performance.now();
      const result = await run(x);
      const time = performance.now() - start;
      result.dispose();
      // The first builds the program.
      if (i > 0) best = Math.min(best, time);
    }
    await run.dispose();
    times.push(best);
  }
  x.dispose();
  return times[1] - times[0];
}

const repeat = (step) => (x, count) => {
  let y = x;
  for (let i = 0; i < count; i++) y = step(y, x);
  return y;
};

/** Multiply-adds a second of square matrix products. */
async function matrixRate(size, count) {
  const w = numbers([size, size], size ** -0.5);
  const time = await shortest(
    count,
    repeat((y) => matMul(y, w)),
    numbers([size, size]),
  );
  return (count * size ** 3) / time / 1e6;
}

/** Multiply-adds a second of 3 × 3 convolutions, in blocks of channels where the processor has them. */
async function convolutionRate([batch, size, channels], count) {
  const w = numbers([channels, channels, 3, 3], (9 * channels) ** -0.5);
  const time = await shortest(
    count,
    repeat((y) => conv2d(y, w, undefined, { padding: 1 })),
    numbers([batch, size, size, channels]),
  );
  return (count * batch * size ** 2 * 9 * channels ** 2) / time / 1e6;
}

/** Bytes a second of sums of two arrays that fit no cache: two are read and one is written. */
async function sumRate(megabytes, count) {
  const size = megabytes * 2 ** 18;
  const time = await shortest(count, repeat(add), numbers([size]));
  return (count * 3 * size * 4) / time / 1e6;
}

const rates = {
  'product of 1024×1024 matrices': await matrixRate(1024, 16),
  '3×3 convolution of 64 channels, 64×14×14': await convolutionRate([64, 14, 64], 16),
  '3×3 convolution of 128 channels, 64×14×14': await convolutionRate([64, 14, 128], 8),
};
console.log(JSON.stringify({ rates, bandwidth: await sumRate(64, 8) }));
process.exit(0);
