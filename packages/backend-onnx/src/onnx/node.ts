import type { Attribute, Attributes, Domain } from '../ir/graph.js';
import { attributeType, onnxFields } from './fields.js';
import type { WireWriter } from './wire.js';

const { attribute: fields, graph, node } = onnxFields;

/** A node of a model, whose values are named. */
export interface NamedNode {
  readonly operator: string;
  /** '' stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** By default after what it computes. */
  readonly name?: string;
  readonly attributes?: Attributes;
  /** Graphs inside it, such as the body of a loop. */
  readonly graphs?: Readonly<Record<string, (inner: WireWriter) => void>>;
  readonly domain?: Domain;
}

/** One node of a graph. */
export function writeNode(out: WireWriter, written: NamedNode): void {
  const { operator, inputs, outputs, attributes = {}, graphs = {}, domain = '' } = written;
  out.message(graph.node, (inner) => {
    for (const input of inputs) inner.text(node.input, input);
    for (const output of outputs) inner.text(node.output, output);
    inner.text(node.name, written.name ?? `${operator} of ${outputs[0]}`);
    inner.text(node.opType, operator);
    for (const [name, value] of Object.entries(attributes)) {
      inner.message(node.attribute, (attribute) => writeAttribute(attribute, name, value));
    }
    for (const [name, write] of Object.entries(graphs)) {
      inner.message(node.attribute, (attribute) => {
        attribute.text(fields.name, name);
        attribute.message(fields.g, write);
        attribute.integer(fields.type, attributeType.graph);
      });
    }
    if (domain !== '') inner.text(node.domain, domain);
  });
}

function writeAttribute(out: WireWriter, name: string, attribute: Attribute): void {
  out.text(fields.name, name);
  switch (attribute.kind) {
    case 'float':
      out.float(fields.f, attribute.value);
      out.integer(fields.type, attributeType.float);
      return;
    case 'int':
      out.integer(fields.i, attribute.value);
      out.integer(fields.type, attributeType.int);
      return;
    case 'text':
      out.text(fields.s, attribute.value);
      out.integer(fields.type, attributeType.string);
      return;
    case 'floats':
      out.packedFloats(fields.floats, attribute.value);
      out.integer(fields.type, attributeType.floats);
      return;
    case 'ints':
      out.packedIntegers(fields.ints, attribute.value);
      out.integer(fields.type, attributeType.ints);
      return;
  }
}
