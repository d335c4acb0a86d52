import { broadcastShapes } from '../ir/arithmetic.js';
import type { Node, Value } from '../ir/graph.js';
import { reshape, sameShape } from '../ir/shape.js';
import type { Rule, Uses } from './rewrite.js';

/** The node behind a value that nothing else uses, through reshapes that nothing else uses. */
function soleProducer(value: Value, uses: Uses): Node | undefined {
  if (value.source.kind !== 'node' || uses.countOf(value) !== 1) return undefined;
  const { node } = value.source;
  return node.operator === 'Reshape' ? soleProducer(node.inputs[0]!, uses) : node;
}

/** product + addend as the third term of the matrix product. */
export const addToProduct: Rule = (node, uses, moved) => {
  if (node.operator !== 'Add') return undefined;
  const [a, b] = node.inputs as [Value, Value];
  for (const [product, addend] of [
    [a, b],
    [b, a],
  ] as const) {
    const producer = soleProducer(product, uses);
    const shape = producer?.outputs[0]?.shape;
    const fits =
      producer?.operator === 'Gemm' &&
      producer.inputs.length === 2 &&
      sameShape(product.shape, shape!) &&
      addend.shape.length <= 2 &&
      sameShape(broadcastShapes(addend.shape, product.shape), product.shape);
    if (!fits) continue;
    const inputs = [...producer.inputs.map((input) => moved(input!)), moved(addend)];
    const outputs = [{ type: product.type, shape: product.shape }];
    return inputs[0]!.graph.emit('Gemm', inputs, outputs, producer.attributes)[0]!;
  }
  return undefined;
};

/** convolution + image as the sum that a blocked convolution starts from: residuals for free. */
export const addToConvolution: Rule = (node, uses, moved) => {
  if (node.operator !== 'Add') return undefined;
  const [a, b] = node.inputs as [Value, Value];
  if (!sameShape(a.shape, b.shape)) return undefined;
  const candidates = [
    { producer: soleProducer(a, uses), other: b },
    { producer: soleProducer(b, uses), other: a },
  ].filter(({ producer }) => canTakeSum(producer));
  // The later of two: what it starts from is there already.
  candidates.sort((x, y) => uses.placeOf(y.producer!) - uses.placeOf(x.producer!));
  const best = candidates[0];
  if (best?.producer === undefined) return undefined;
  const { inputs, outputs, operator, attributes, domain } = best.producer;
  const image = outputs[0]!;
  const [x, filter, bias = null] = inputs;
  const fused = [
    moved(x!),
    moved(filter!),
    bias === null ? null : moved(bias),
    reshape(moved(best.other), image.shape),
  ];
  const sum = moved(x!).graph.emit(operator, fused, [image], attributes, domain)[0]!;
  return reshape(sum, a.shape);
};

function canTakeSum(producer: Node | undefined): boolean {
  return (
    producer?.operator === 'Conv' &&
    producer.domain === 'com.microsoft.nchwc' &&
    producer.inputs.length < 4
  );
}
