/** A kind of numbers that an NPY file may hold and that has a place among ours. */
export interface NpyKind {
  /** What NumPy calls it, where that is the same on every machine; the usual name first. */
  readonly names: readonly string[];
  readonly bytes: number;
  readonly float: boolean;
  read(view: DataView, at: number, littleEndian: boolean): number;
}

const whole = (names: readonly string[], bytes: number, read: NpyKind['read']): NpyKind => ({
  names,
  bytes,
  float: false,
  read,
});

export const npyKinds: readonly NpyKind[] = [
  {
    names: ['f4', 'f', 'float32'],
    bytes: 4,
    float: true,
    read: (v, at, little) => v.getFloat32(at, little),
  },
  {
    names: ['f8', 'd', 'float64'],
    bytes: 8,
    float: true,
    read: (v, at, little) => v.getFloat64(at, little),
  },
  // Any byte but zero is True.
  whole(['b1', '?', 'bool'], 1, (v, at) => +(v.getUint8(at) !== 0)),
  whole(['u1', 'B', 'uint8'], 1, (v, at) => v.getUint8(at)),
  whole(['u2', 'H', 'uint16'], 2, (v, at, little) => v.getUint16(at, little)),
  whole(['u4', 'I', 'uint32'], 4, (v, at, little) => v.getUint32(at, little)),
  whole(['u8', 'Q', 'uint64'], 8, (v, at, little) => Number(v.getBigUint64(at, little))),
  whole(['i1', 'b', 'int8'], 1, (v, at) => v.getInt8(at)),
  whole(['i2', 'h', 'int16'], 2, (v, at, little) => v.getInt16(at, little)),
  whole(['i4', 'i', 'int32'], 4, (v, at, little) => v.getInt32(at, little)),
  whole(['i8', 'q', 'int64'], 8, (v, at, little) => Number(v.getBigInt64(at, little))),
];
