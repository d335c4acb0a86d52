// `node --import preload.mjs PROGRAM` runs a program over the file layer, when there is a plan.
import { type FaultPlan, planVariable } from './fault-plan.js';
import { installFileLayer } from './file-layer.js';

const plan = process.env[planVariable];
if (plan !== undefined) {
  delete process.env[planVariable];
  installFileLayer(JSON.parse(plan) as FaultPlan);
}
