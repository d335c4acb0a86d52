import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * Answers the runner: a request is a JSON line on stdin, a reply a JSON line on stdout.
 *
 *   describe            → {versions, threads, details}
 *   open    {folder}    → {parameters}; makes the workload of that folder ready
 *   numbers {steps}     → {numbers}: the loss of each of so many training steps, or the mean square
 *                         of each sample, which must agree between the sides
 *   time    {budget, atMost} → {milliseconds, processor}: one number a step, until the budget is
 *                         spent, and the processor's milliseconds a step, over all threads
 *
 * @param side.open makes {parameters, step, number}: `step` does the timed work and resolves when it
 * is finished; `number` does the same and resolves to the number that is compared
 */
export async function serve(side) {
  let job;
  const actions = {
    describe: () => side.describe(),
    async open({ folder }) {
      await job?.dispose?.();
      job = await side.open(readWorkload(folder));
      return { parameters: job.parameters };
    },
    async numbers({ steps }) {
      const numbers = [];
      for (let i = 0; i < steps; i++) numbers.push(await job.number());
      return { numbers };
    },
    async time({ budget, atMost }) {
      const milliseconds = [];
      const begin = performance.now();
      const used = process.cpuUsage();
      while (
        milliseconds.length < atMost &&
        (milliseconds.length === 0 || performance.now() - begin < budget)
      ) {
        const start = performance.now();
        await job.step();
        milliseconds.push(performance.now() - start);
      }
      const { user, system } = process.cpuUsage(used);
      return { milliseconds, processor: (user + system) / 1000 / milliseconds.length };
    },
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    let reply;
    try {
      reply = await actions[request.do](request);
    } catch (error) {
      reply = { error: error.message };
    }
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
  process.exit(0);
}

/**
 * A workload with its arrays, each {data, shape}: initial parameters by name; batches of x and what the
 * loss reads beside it; and what our loss draws for each of them.
 */
function readWorkload(folder) {
  const workload = JSON.parse(readFileSync(join(folder, 'workload.json'), 'utf8'));
  const bytes = readFileSync(join(folder, 'arrays.bin'));
  const flat = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const arrays = new Map(
    workload.arrays.map(({ name, shape, offset }) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return [name, { data: flat.slice(offset, offset + size), shape }];
    }),
  );
  /** The arrays whose names begin with `prefix`, by the rest of their names. */
  const under = (prefix) =>
    [...arrays]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, array]) => [name.slice(prefix.length), array]);
  const each = (prefix) =>
    Array.from({ length: workload.batches }, (_, i) =>
      Object.fromEntries(under(`${prefix}/${i}/`)),
    );
  return {
    ...workload,
    arrays,
    batches: each('batch'),
    draws: each('draws'),
    params: new Map(under('params/')),
  };
}
