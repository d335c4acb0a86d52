import type { Compiled, PureFunction } from '@tweedie/core';
import { onnxBackend } from './backend.js';

type Options = Parameters<typeof onnxBackend>[0];

/** A backend, and how many functions use it. */
interface Owner {
  readonly backend: ReturnType<typeof onnxBackend>;
  uses: number;
}

/** What functions compiled without options share, as long as one of them is in use. */
let shared: Owner | undefined;

/**
 * Compiles a pure function of tensors, gradients included: it is traced at the first call with each
 * set of argument shapes into one ONNX graph, which ONNX Runtime runs. Results are the caller's to
 * dispose, and so is the function.
 *
 * @param fn from tensors, in lists and objects of any depth, to the same
 * @param options those of `onnxBackend`; functions compiled without any share one backend
 * @throws TweedieError INVALID_OPTION. What it returns rejects with IMPURE_FUNCTION where the result
 * does not follow from the arguments alone, UNSUPPORTED for a tfjs kernel that cannot be compiled,
 * MISSING_BACKEND without the runtime
 */
export function compile<F extends PureFunction>(fn: F, options?: Options): Compiled<F> {
  const owner = options === undefined ? sharedOwner() : { backend: onnxBackend(options), uses: 0 };
  const compiled = owner.backend.compile(fn);
  owner.uses++;
  const { dispose } = compiled;
  let disposed: Promise<void> | undefined;
  const release = async () => {
    await dispose();
    owner.uses--;
    if (owner.uses > 0) return;
    if (shared === owner) shared = undefined;
    await owner.backend.dispose();
  };
  return Object.assign(compiled, {
    dispose() {
      disposed ??= release();
      return disposed;
    },
  });
}

function sharedOwner(): Owner {
  shared ??= { backend: onnxBackend(), uses: 0 };
  return shared;
}
