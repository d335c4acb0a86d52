import type { SpecOutcome, SuiteOutcome } from '../suite.js';
import { compareKernels } from './compare-kernels.js';
import { env } from './jasmine.js';

/** Runs all, and sends what came out to the process that asked. */

const specs: SpecOutcome[] = [];
env.addReporter({
  specDone({ fullName, status, failedExpectations }) {
    specs.push({
      name: fullName.replace(' cpu {}', ''),
      status: status as SpecOutcome['status'],
      messages: failedExpectations.map(({ message }) => message),
    });
  },
});

await env.execute();
const kernels = await compareKernels();
process.send?.({ specs, kernels } satisfies SuiteOutcome, () => process.disconnect());
