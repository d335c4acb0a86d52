import type { Tensor } from '@tensorflow/tfjs-core';
import { flattenTree, type PureFunction, type TreeStructure, TweedieError } from '@tweedie/core';
import { type Candidate, findCandidates } from '../int8/candidates.js';
import type { CalibratedConvolution, Quantization } from '../int8/quantization.js';
import { checkSameConvolutions } from '../int8/quantize-convolutions.js';
import { union } from '../int8/ranges.js';
import type { Value } from '../ir/graph.js';
import { reduce, reduceSum } from '../ir/reduction.js';
import { leafType, readData } from '../programs/arguments.js';
import { createProgram, type Program } from '../programs/program.js';
import { chooseDevice } from '../sessions/devices.js';
import { defaultThreads } from '../sessions/threads.js';
import { trace } from '../trace/trace.js';

/** What a convolution's numbers were seen to be. */
type Ranges = Pick<CalibratedConvolution, 'input' | 'outputs'>;

/** A function that gives, in place of its results, what its convolutions see. */
interface Instrumented {
  readonly candidates: readonly Candidate[];
  readonly program: Program;
}

const asList: TreeStructure = { key: 'list', unflatten: (leaves) => leaves };

/** Of each candidate four arrays: the extremes of its input, and those of each output channel. */
function extremes({ x, y }: Candidate): readonly Value[] {
  const all = [0, 1, 2, 3];
  const allButChannels = [0, 2, 3];
  return [
    reduce('ReduceMin', x, all),
    reduce('ReduceMax', x, all),
    reduce('ReduceMin', y, allButChannels),
    reduce('ReduceMax', y, allButChannels),
  ];
}

async function instrument(fn: PureFunction, args: readonly unknown[]): Promise<Instrumented> {
  const { leaves, structure } = flattenTree(args);
  const traced = trace({
    fn,
    argumentTypes: leaves.map(leafType),
    structure,
    dialect: { operators: 'runtime', blockSize: 0 },
  });
  const candidates = findCandidates(traced);
  if (candidates.length === 0) {
    throw refused(
      'INVALID_VALUE',
      'no convolution of the function can be quantized',
      'functions with convolutions of at least 8 channels, whose filters are constants',
      'compute a network without them in float32; close over trained parameters instead of passing them as arguments',
    );
  }
  // A sum is finite only where every number is.
  const sums = traced.outputs
    .filter(({ type }) => type === 'float32')
    .map((output) =>
      reduceSum(
        output,
        output.shape.map((_, axis) => axis),
      ),
    );
  const outputs = [...candidates.flatMap(extremes), ...sums];
  const device = chooseDevice('auto');
  const settings = { device, threads: defaultThreads(device), spinning: false, arena: false };
  const program = await createProgram(
    { graph: traced.graph, outputs, structure: asList },
    settings,
  );
  return { candidates, program };
}

/**
 * The ranges of what goes into a function's convolutions and comes out of them.
 *
 * @throws TweedieError INVALID_VALUE for no arguments, for a function without convolutions of
 * constant filters, and for one whose convolutions depend on the shapes; NOT_FINITE
 */
export async function calibrate(
  fn: PureFunction,
  calibration: readonly (readonly unknown[])[],
): Promise<Quantization> {
  if (calibration.length === 0) {
    throw refused(
      'INVALID_VALUE',
      'there are no arguments to calibrate with',
      'arguments as the function will be given, from every noise level that it will see',
    );
  }
  const programs = new Map<string, Instrumented>();
  let candidates: readonly Candidate[] | undefined;
  let ranges: readonly Ranges[] | undefined;
  try {
    for (const [place, args] of calibration.entries()) {
      const { leaves, structure } = flattenTree(args);
      const key = `${structure.key} ${leaves.map(({ dtype, shape }) => `${dtype}[${shape}]`)}`;
      const instrumented = programs.get(key) ?? (await instrument(fn, args));
      programs.set(key, instrumented);
      candidates ??= instrumented.candidates;
      checkSameConvolutions(candidates, instrumented.candidates);
      const seen = await rangesOf(instrumented, leaves, place);
      ranges = ranges === undefined ? seen : ranges.map((one, i) => both(one, seen[i]!));
    }
  } finally {
    await Promise.all([...programs.values()].map(({ program }) => program.release()));
  }
  return candidates!.map(({ filter, bias }, i) => ({ filter, bias, ...ranges![i]! }));
}

async function rangesOf(
  { program, candidates }: Instrumented,
  leaves: readonly Tensor[],
  place: number,
): Promise<readonly Ranges[]> {
  const results = (await program.run(await Promise.all(leaves.map(readData)))) as Tensor[];
  const arrays = results.map((tensor) => tensor.dataSync<'float32'>());
  for (const tensor of results) tensor.dispose();
  if (!arrays.every((array) => array.every(Number.isFinite))) {
    throw refused(
      'NOT_FINITE',
      `the function computes numbers that are not finite from the arguments at place ${place} of the calibration`,
      'arguments from which everything is finite',
    );
  }
  return candidates.map((_, i) => {
    const [lowest, highest, lows, highs] = arrays.slice(4 * i, 4 * i + 4);
    return {
      input: { low: lowest![0]!, high: highest![0]! },
      outputs: Array.from(lows!, (low, k) => ({ low, high: highs![k]! })),
    };
  });
}

const both = (a: Ranges, b: Ranges): Ranges => ({
  input: union(a.input, b.input),
  outputs: a.outputs.map((range, k) => union(range, b.outputs[k]!)),
});

function refused(
  code: 'INVALID_VALUE' | 'NOT_FINITE',
  given: string,
  allowed: string,
  fix?: string,
): TweedieError {
  return new TweedieError({
    code,
    package: 'backend-onnx',
    given: `quantize: ${given}`,
    allowed,
    ...(fix === undefined ? {} : { fix }),
  });
}
