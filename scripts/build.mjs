// Sets up and builds every package that has changed.
import { setUp } from './set-up.mjs';

setUp({ build: 'build' });
