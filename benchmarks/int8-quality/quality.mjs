import { createRng } from '@tweedie/core';
import { generate } from 'tweedie';
import { significant } from '../speed/table.mjs';
import { accuracy, trainClassifier } from './features.mjs';
import { frechetDistance, moments } from './frechet.mjs';

const BATCH = 50;
const SEEDS = [1, 2];

/**
 * Draws samples with both denoisers from the same noise, for two seeds, and compares their features in
 * a classifier of digits: rows of a table of Fréchet distances to the test digits. The difference
 * between the seeds shows how exact the distances are.
 */
export async function quality(backend, model, pair, count, say) {
  const digits = (split) => model.registry.create('data', 'mnist', { split });
  const classifier = await trainClassifier(backend, digits('train'));
  const test = digits('test');
  const all = test.batch(createRng(0), 0, 10_000);
  const seen = await classifier.look(all.x.data);
  say(
    `the classifier is right on ${(100 * accuracy(seen.labels, all.label.data)).toFixed(1)} % of the test digits`,
  );
  const real = moments(seen.features);

  const draw = async (denoiser, seed) => {
    const request = { ...model, denoiser: model.samplerDenoiser(denoiser), count, seed };
    const walk = generate({ ...request, batchSize: BATCH });
    for (;;) {
      const step = await walk.next();
      if (step.done) return (await classifier.look(step.value.data, BATCH)).features;
    }
  };
  const rows = [];
  const sums = { float: 0, int8: 0 };
  for (const seed of SEEDS) {
    const sets = {};
    for (const name of ['float', 'int8']) {
      sets[name] = await draw(pair[name], seed);
      say(`seed ${seed}: ${count} samples of ${name}`);
    }
    const of = Object.fromEntries(
      Object.entries(sets).map(([name, features]) => {
        const distance = frechetDistance(moments(features), real);
        sums[name] += distance / SEEDS.length;
        return [name, distance];
      }),
    );
    rows.push([`float32, seed ${seed}`, significant(of.float), '']);
    rows.push([`int8, the same noise`, significant(of.int8), ratio(of)]);
  }
  rows.push(['mean: float32', significant(sums.float), '']);
  rows.push(['mean: int8', significant(sums.int8), ratio(sums)]);
  const half = seen.features.length / 2;
  const baseline = frechetDistance(
    moments(seen.features.slice(half, half + count)),
    moments(seen.features.slice(0, half)),
  );
  rows.push([`${count} test digits to others`, significant(baseline), '']);
  await classifier.dispose();
  return rows;
}

const ratio = ({ float, int8 }) =>
  `${int8 >= float ? '+' : ''}${(100 * (int8 / float - 1)).toFixed(1)} %`;
