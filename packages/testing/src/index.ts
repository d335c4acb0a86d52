export { type MixtureGolden, type MixtureGoldenLevel, mixtureGolden } from './mixture-golden.js';
