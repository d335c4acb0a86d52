import { sizeOf } from '@tweedie/core';
import type { Computation } from '../ir/computation.js';
import type { Node } from '../ir/graph.js';
import { nodesBehind } from '../ir/graph.js';

/** What an element that is written costs, in multiplications and additions of a product. */
const PER_ELEMENT = 8;

/**
 * Roughly how much a run computes, in multiply-adds; of these a core of a present processor does
 * some 2·10¹⁰ in a second.
 */
export function workOf({ graph, outputs }: Computation): number {
  let work = 0;
  for (const node of nodesBehind(graph, outputs)) {
    const elements = node.outputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    work += elements * PER_ELEMENT + products(node, elements);
  }
  return work;
}

function products({ operator, inputs, attributes }: Node, elements: number): number {
  const [left, right] = inputs;
  switch (operator) {
    case 'Conv':
      return elements * sizeOf(right!.shape.slice(1));
    case 'ConvTranspose':
      return sizeOf(left!.shape) * sizeOf(right!.shape.slice(1));
    case 'Gemm':
    case 'MatMul':
    case 'FusedMatMul':
      return elements * left!.shape.at(attributes.transA?.value === 1 ? -2 : -1)!;
    case 'QLinearConv':
      // Image, scale and zero point, then the filter.
      return elements * sizeOf(inputs[3]!.shape.slice(1));
    case 'Einsum':
      return sizeOf([...extentsOf(String(attributes.equation!.value), inputs).values()]);
    default:
      return 0;
  }
}

/** How far each label of an Einsum's equation goes; every combination is one product. */
function extentsOf(equation: string, inputs: Node['inputs']): ReadonlyMap<string, number> {
  const extents = new Map<string, number>();
  const terms = equation.split('->')[0]!.replaceAll(' ', '').split(',');
  terms.forEach((labels, i) => {
    [...labels].forEach((label, axis) => {
      extents.set(label, inputs[i]!.shape[axis]!);
    });
  });
  return extents;
}
