import { refusedKernels } from '@tweedie/backend-onnx';
import { beforeAll, describe, expect, it } from 'vitest';
import { compiledDifferences, gradientDifferences } from './differences.js';
import { runSuite, type SuiteOutcome } from './suite.js';

let outcome: SuiteOutcome;

beforeAll(async () => {
  outcome = await runSuite();
  const { calls, programs, runs } = outcome.kernels;
  const failed = outcome.specs.filter(({ status }) => status === 'failed').length;
  console.info(
    `tfjs-core: ${outcome.specs.length} specs, ${failed} differ; ` +
      `${calls} calls of kernels, ${programs} programs of one operation, ${runs} runs of them`,
  );
}, 600_000);

const listed = (list: readonly { readonly specs: readonly string[] }[]) =>
  list.flatMap(({ specs }) => specs).sort();

describe("tfjs-core's own specs with the gradients of @tweedie/autodiff", () => {
  it('have all run but those that tfjs-core has switched off', () => {
    expect(outcome.specs).toHaveLength(4159);
    expect(outcome.specs.filter(({ status }) => status === 'pending')).toHaveLength(5);
  });

  it('pass, but for those in the list, which do not', () => {
    const failed = outcome.specs.filter(({ status }) => status === 'failed');
    const names = listed(gradientDifferences);
    // With their messages, which say what is wrong.
    expect(failed.filter(({ name }) => !names.includes(name))).toEqual([]);
    expect(failed.map(({ name }) => name).sort()).toEqual(names);
  });
});

describe('the kernels that they call, each as a compiled program of one operation', () => {
  it('are run with nearly every set of values', () => {
    const { calls, stringsOrComplex, large, programs, runs } = outcome.kernels;
    expect(programs).toBeGreaterThan(5000);
    expect(runs).toBeGreaterThan(12_000);
    expect(stringsOrComplex + large).toBeLessThan(0.02 * calls);
  });

  it('are what they are on the cpu backend, but for those in the list, which are not', () => {
    const { differences } = outcome.kernels;
    const known = compiledDifferences.flatMap(({ kernels, specs }) =>
      specs.flatMap((spec) => kernels.map((kernel) => `${kernel}: ${spec}`)),
    );
    const nameOf = ({ kernelName, spec }: (typeof differences)[number]) => `${kernelName}: ${spec}`;
    expect(differences.filter((difference) => !known.includes(nameOf(difference)))).toEqual([]);
    expect(differences.map(({ spec }) => spec).sort()).toEqual(listed(compiledDifferences));
  });

  it('are refused where they are said to be', () => {
    const kernels = Object.keys(refusedKernels);
    expect(kernels).toEqual(expect.arrayContaining([...outcome.kernels.refused]));
    expect(outcome.kernels.refused.length).toBeGreaterThan(10);
  });
});
