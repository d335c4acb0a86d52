import jasmineRequire from 'jasmine-core/lib/jasmine-core/jasmine.js';

/** Puts `describe`, `it`, `expect` and the like where specs expect them. */

const core = jasmineRequire.core(jasmineRequire);

export const env = core.getEnv({ suppressLoadErrors: true });
env.configure({
  random: false,
  // tfjs-core has suites of one name, and specs that only must not throw.
  forbidDuplicateNames: false,
  failSpecWithNoExpectations: false,
});
Object.assign(globalThis, jasmineRequire.interface(core, env), { jasmine: core });
