import { type HostArray, hostArray, TweedieError } from '@tweedie/core';
import { checkLimit, safetensorsLimits } from '../limits.js';

/**
 * Writes tensors as a safetensors file, float32 as F32 and int32 as I32. Equal tensors give equal
 * bytes: they are ordered by type and name, as the reference implementation orders them.
 *
 * @throws TweedieError INVALID_SHAPE when a shape does not fit its data; INVALID_VALUE for a tensor
 * named '__metadata__'; UNSUPPORTED beyond `safetensorsLimits`, for what could not be read again
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, HostArray>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(tensors).map(([name, { data, shape }]) => {
    if (name === '__metadata__') throw reservedName();
    return { name, dtype: data instanceof Int32Array ? 'I32' : 'F32', ...hostArray(data, shape) };
  });
  entries.sort((a, b) => compare(a.dtype, b.dtype) || compare(a.name, b.name));

  const given = `a file of ${entries.length} tensors`;
  checkLimit('tensors', entries.length + 1, safetensorsLimits, given);

  // Written by hand, because an object would put names like '0' first.
  const parts: string[] = [];
  if (Object.keys(metadata).length > 0) parts.push(`"__metadata__":${JSON.stringify(metadata)}`);
  let offset = 0;
  for (const { name, dtype, shape, data } of entries) {
    const end = offset + data.byteLength;
    const described = { dtype, shape, data_offsets: [offset, end] };
    parts.push(`${JSON.stringify(name)}:${JSON.stringify(described)}`);
    offset = end;
  }
  const header = new TextEncoder().encode(`{${parts.join()}}`);
  // Spaces up to a multiple of eight, so that every tensor is aligned.
  const headerLength = Math.ceil(header.length / 8) * 8;
  checkLimit('headerBytes', headerLength, safetensorsLimits, `a header of ${headerLength} bytes`);

  const bytes = new Uint8Array(8 + headerLength + offset);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, headerLength, true);
  bytes.fill(0x20, 8, 8 + headerLength);
  bytes.set(header, 8);
  let at = 8 + headerLength;
  for (const { data } of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function reservedName(): TweedieError {
  return new TweedieError({
    code: 'INVALID_VALUE',
    package: 'training',
    given: "a tensor is named '__metadata__'",
    allowed: 'any other name; the format keeps this one for itself',
  });
}
