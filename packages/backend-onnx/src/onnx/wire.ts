/** Writes the protocol buffers wire format: only what ONNX models need. */
export interface WireWriter {
  /** A varint field; negative numbers take ten bytes, as int64 does. */
  integer(field: number, value: number): void;
  float(field: number, value: number): void;
  text(field: number, value: string): void;
  bytes(field: number, value: Uint8Array): void;
  message(field: number, write: (inner: WireWriter) => void): void;
  packedIntegers(field: number, values: readonly number[]): void;
  packedFloats(field: number, values: readonly number[]): void;
  finish(): Uint8Array;
}

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;
const encoder = new TextEncoder();

export function createWireWriter(): WireWriter {
  const out = createByteBuffer();
  const bytes = (field: number, value: Uint8Array) => {
    out.varint(field * 8 + LENGTH_DELIMITED);
    out.varint(value.length);
    out.append(value);
  };
  return {
    integer(field, value) {
      out.varint(field * 8 + VARINT);
      out.varint(value);
    },
    float(field, value) {
      out.varint(field * 8 + FIXED32);
      out.float32(value);
    },
    text: (field, value) => bytes(field, encoder.encode(value)),
    bytes,
    message(field, write) {
      const inner = createWireWriter();
      write(inner);
      bytes(field, inner.finish());
    },
    packedIntegers(field, values) {
      const inner = createByteBuffer();
      for (const value of values) inner.varint(value);
      bytes(field, inner.finish());
    },
    packedFloats(field, values) {
      const inner = createByteBuffer();
      for (const value of values) inner.float32(value);
      bytes(field, inner.finish());
    },
    finish: () => out.finish(),
  };
}

/** Bytes that grow, with the two encodings of numbers that the format has. */
function createByteBuffer() {
  let buffer = new Uint8Array(64);
  let length = 0;
  const reserve = (extra: number) => {
    if (length + extra <= buffer.length) return;
    const larger = new Uint8Array(Math.max(2 * buffer.length, length + extra));
    larger.set(buffer.subarray(0, length));
    buffer = larger;
  };
  return {
    varint(value: number) {
      reserve(10);
      // Nearly all are small, and big integers take eight times as long.
      if ((value | 0) === value && value >= 0) {
        let rest = value;
        for (; rest >= 0x80; rest >>>= 7) buffer[length++] = (rest & 0x7f) | 0x80;
        buffer[length++] = rest;
        return;
      }
      let rest = BigInt.asUintN(64, BigInt(value));
      while (rest >= 0x80n) {
        buffer[length++] = Number(rest & 0x7fn) | 0x80;
        rest >>= 7n;
      }
      buffer[length++] = Number(rest);
    },
    float32(value: number) {
      reserve(4);
      new DataView(buffer.buffer).setFloat32(length, value, true);
      length += 4;
    },
    append(bytes: Uint8Array) {
      reserve(bytes.length);
      buffer.set(bytes, length);
      length += bytes.length;
    },
    finish: () => buffer.subarray(0, length),
  };
}
