/** How a number type of the format is read: its width, and its values as one of ours. */
export interface StoredType {
  readonly bytes: number;
  /** @param data the tensor's bytes, alone in their buffer, little-endian */
  read(data: ArrayBuffer): Float32Array | Int32Array;
}

/** Types that the format has, and that have no place among ours. */
export const unreadableTypes = [
  ...['F8_E5M2', 'F8_E4M3', 'F8_E8M0', 'F8_E4M3FNUZ', 'F8_E5M2FNUZ', 'F6_E2M3', 'F6_E3M2', 'F4'],
  'C64',
];

/**
 * Floats become float32, whole numbers int32, which those of 64 bits must fit.
 *
 * The arrays of JavaScript are little-endian on every platform that runs tfjs, as is the format.
 */
export const storedTypes: Readonly<Record<string, StoredType>> = {
  F64: { bytes: 8, read: (data) => Float32Array.from(new Float64Array(data)) },
  F32: { bytes: 4, read: (data) => new Float32Array(data) },
  F16: { bytes: 2, read: (data) => Float32Array.from(new Uint16Array(data), fromHalf) },
  BF16: { bytes: 2, read: fromBrainFloat },
  I64: { bytes: 8, read: (data) => narrow(new BigInt64Array(data)) },
  U64: { bytes: 8, read: (data) => narrow(new BigUint64Array(data)) },
  I32: { bytes: 4, read: (data) => new Int32Array(data) },
  U32: { bytes: 4, read: (data) => narrow(new Uint32Array(data)) },
  I16: { bytes: 2, read: (data) => Int32Array.from(new Int16Array(data)) },
  U16: { bytes: 2, read: (data) => Int32Array.from(new Uint16Array(data)) },
  I8: { bytes: 1, read: (data) => Int32Array.from(new Int8Array(data)) },
  U8: { bytes: 1, read: (data) => Int32Array.from(new Uint8Array(data)) },
  BOOL: {
    bytes: 1,
    read: (data) => Int32Array.from(new Uint8Array(data), (byte) => +(byte !== 0)),
  },
};

/** IEEE 754 binary16: a sign, 5 bits of exponent with bias 15, 10 bits of fraction. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** bfloat16: the upper half of a float32. */
function fromBrainFloat(data: ArrayBuffer): Float32Array {
  const words = Uint32Array.from(new Uint16Array(data), (bits) => bits << 16);
  return new Float32Array(words.buffer);
}

function narrow(values: BigInt64Array | BigUint64Array | Uint32Array): Int32Array {
  const out = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    out[i] = Number(values[i]!);
    if (out[i] !== Number(values[i]!)) {
      throw new RangeError(`${values[i]} does not fit a whole number of 32 bits`);
    }
  }
  return out;
}
