import type { WireWriter } from './wire.js';

const INTEGER_ATTRIBUTE = 2;
const GRAPH_ATTRIBUTE = 5;

interface RawAttributes {
  readonly integers?: Readonly<Record<string, number>>;
  readonly graphs?: Readonly<Record<string, (inner: WireWriter) => void>>;
}

/** A node that is not of a traced graph, such as the one that holds it. */
export function writeRaw(
  out: WireWriter,
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  { integers = {}, graphs = {} }: RawAttributes = {},
): void {
  out.message(1, (node) => {
    for (const input of inputs) node.text(1, input);
    for (const output of outputs) node.text(2, output);
    node.text(3, `${operator} of ${outputs[0]}`);
    node.text(4, operator);
    for (const [name, value] of Object.entries(integers)) {
      node.message(5, (attribute) => {
        attribute.text(1, name);
        attribute.integer(3, value);
        attribute.integer(20, INTEGER_ATTRIBUTE);
      });
    }
    for (const [name, write] of Object.entries(graphs)) {
      node.message(5, (attribute) => {
        attribute.text(1, name);
        attribute.message(6, write);
        attribute.integer(20, GRAPH_ATTRIBUTE);
      });
    }
  });
}
