declare module 'jasmine-core/lib/jasmine-core/jasmine.js' {
  interface Reporter {
    specStarted?(spec: { readonly fullName: string }): void;
    specDone?(spec: {
      readonly fullName: string;
      readonly status: string;
      readonly failedExpectations: readonly { readonly message: string }[];
    }): void;
  }

  interface Env {
    configure(settings: object): void;
    addReporter(reporter: Reporter): void;
    execute(): Promise<unknown>;
  }

  interface Core {
    getEnv(settings: object): Env;
  }

  interface JasmineRequire {
    core(required: JasmineRequire): Core;
    /** `describe`, `it`, `expect` and the like. */
    interface(core: Core, env: Env): object;
  }

  const jasmineRequire: JasmineRequire;
  export default jasmineRequire;
}
