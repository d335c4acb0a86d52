// Runs the pinned pnpm with the given arguments, on machines that have none.
import { pnpm } from './set-up.mjs';

process.exit(pnpm(process.argv.slice(2)));
