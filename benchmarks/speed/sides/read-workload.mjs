/**
 * A workload with its arrays, each {data, shape}: initial parameters by name; batches of x and what the
 * loss reads beside it; and what our loss draws for each of them.
 *
 * @param workload what workload.json holds
 * @param flat the numbers of arrays.bin, Float32Array
 */
export function readWorkload(workload, flat) {
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
