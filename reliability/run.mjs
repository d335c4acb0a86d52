// Attacks Tweedie from a seed and counts what happens. See README.md.
import { bundleProgram } from './bundle.mjs';

const { main } = await import(await bundleProgram('reliability/main.ts', 'main'));
process.exitCode = await main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  return 2;
});
