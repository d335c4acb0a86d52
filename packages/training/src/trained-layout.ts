import { slice, type Tensor1D } from '@tensorflow/tfjs-core';
import { createParameterLayout, type ParameterLayout } from '@tweedie/autodiff';
import { type HostParams, type Params, sizeOf, TweedieError } from '@tweedie/core';

/** All that is trained, in plain memory. */
export interface TrainedParams {
  readonly network: HostParams;
  /** The loss's own parameters; absent where it has none. */
  readonly own?: HostParams | undefined;
}

/** All that is trained as one flat vector: the network's parameters, then the loss's own. */
export interface TrainedLayout {
  /** Number of values, [P]. */
  readonly size: number;
  /**
   * Where weight decay acts: 1 for the numbers of parameters with two axes or more, 0 for the
   * others, [P]. It is for matrices and filters. Scales of norms and biases are not what makes a
   * function rough, and the random frequencies of an embedding are not to change at all.
   */
  decayMask(): Float32Array;
  /**
   * @returns [P]
   * @throws TweedieError INVALID_SHAPE when a parameter is missing, unknown or of another shape
   */
  pack(params: TrainedParams): Float32Array;
  /** The named pieces of a flat vector, as copies. */
  unpackHost(flat: Float32Array): TrainedParams;
  /** The network's pieces of a flat tensor. */
  unpackNetwork(flat: Tensor1D): Params;
  /** The loss's own pieces of a flat tensor; none where it has no parameters. */
  unpackOwn(flat: Tensor1D): Params;
}

/** The layout of these parameters, of which only names and shapes are read. */
export function createTrainedLayout({ network, own }: TrainedParams): TrainedLayout {
  const networkLayout = createParameterLayout(network);
  const ownLayout = own === undefined ? undefined : createParameterLayout(own);
  const size = networkLayout.size + (ownLayout?.size ?? 0);

  if (ownLayout === undefined) {
    return {
      size,
      decayMask: () => decayMaskOf(networkLayout),
      pack(params) {
        if (params.own !== undefined) throw ownError('holds', 'has none');
        return networkLayout.pack(params.network).data;
      },
      unpackHost: (flat) => ({ network: networkLayout.unpackHost(flat) }),
      unpackNetwork: (flat) => networkLayout.unpack(flat),
      unpackOwn: () => ({}),
    };
  }
  return {
    size,
    decayMask: () => joined(decayMaskOf(networkLayout), decayMaskOf(ownLayout)),
    pack(params) {
      if (params.own === undefined) throw ownError('lacks', 'has some');
      return joined(networkLayout.pack(params.network).data, ownLayout.pack(params.own).data);
    },
    unpackHost: (flat) => ({
      network: networkLayout.unpackHost(flat.subarray(0, networkLayout.size)),
      own: ownLayout.unpackHost(flat.subarray(networkLayout.size)),
    }),
    unpackNetwork: (flat) => networkLayout.unpack(slice(flat, 0, networkLayout.size)),
    unpackOwn: (flat) => ownLayout.unpack(slice(flat, networkLayout.size, ownLayout.size)),
  };
}

function decayMaskOf(layout: ParameterLayout): Float32Array {
  const mask = new Float32Array(layout.size);
  let at = 0;
  for (const name of layout.names) {
    const shape = layout.shapes[name]!;
    const end = at + sizeOf(shape);
    if (shape.length >= 2) mask.fill(1, at, end);
    at = end;
  }
  return mask;
}

function joined(first: Float32Array, second: Float32Array): Float32Array {
  const all = new Float32Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

function ownError(held: string, wanted: string): TweedieError {
  return new TweedieError({
    code: 'INVALID_SHAPE',
    package: 'training',
    given: `the snapshot ${held} parameters of a loss's own, and this loss ${wanted}`,
    allowed: 'a snapshot of a run with the same loss',
  });
}
