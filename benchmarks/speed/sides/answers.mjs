/**
 * Answers the requests of the runner:
 *
 *   describe            → {versions, packages, threads, details}; `packages` names, by label, packages
 *                         whose versions the runner looks up
 *   open    {workload}  → {parameters}; makes the workload ready
 *   numbers {steps}     → {numbers}: the loss of each of so many training steps, or the mean square
 *                         of each sample, which must agree between the sides
 *   time    {budget, atMost} → {milliseconds, processor}: one number a step, until the budget is
 *                         spent, and the processor's milliseconds a step, over all threads
 *   memory              → {peak}: the most bytes that were resident, on Linux
 *
 * @param side.open makes {parameters, step, number}: `step` does the timed work and resolves when it
 * is finished; `number` does the same and resolves to the number that is compared. With `several`,
 * {steps, run}, it is `run`, which does so many steps at once, that is timed
 * @param host {processorTime, peakMemory}: milliseconds spent so far, and bytes; undefined where the
 * host does not know
 */
export function createAnswers(side, host) {
  let job;
  return {
    describe: () => side.describe(),
    async open(workload) {
      await job?.dispose?.();
      job = await side.open(workload);
      return { parameters: job.parameters };
    },
    async numbers({ steps }) {
      const numbers = [];
      for (let i = 0; i < steps; i++) numbers.push(await job.number());
      return { numbers };
    },
    async time({ budget, atMost }) {
      const milliseconds = [];
      const { steps, run } = job.several ?? { steps: 1, run: job.step };
      const begin = performance.now();
      const used = host.processorTime();
      while (
        milliseconds.length * steps < atMost &&
        (milliseconds.length === 0 || performance.now() - begin < budget)
      ) {
        const start = performance.now();
        await run();
        milliseconds.push((performance.now() - start) / steps);
      }
      const spent = host.processorTime();
      const processor =
        spent === undefined ? undefined : (spent - used) / (milliseconds.length * steps);
      return { milliseconds, processor };
    },
    memory: () => ({ peak: host.peakMemory() }),
  };
}
