import { expect, it } from 'vitest';
import { createWireWriter, type WireWriter } from './wire.js';

const written = (write: (out: WireWriter) => void) => {
  const out = createWireWriter();
  write(out);
  return Array.from(out.finish());
};

// The examples of the protocol buffers encoding guide, and the edges of varints.
it.each<[string, (out: WireWriter) => void, number[]]>([
  ['150 in field 1', (out) => out.integer(1, 150), [0x08, 0x96, 0x01]],
  ['0', (out) => out.integer(1, 0), [0x08, 0x00]],
  ['127', (out) => out.integer(1, 127), [8, 0x7f]],
  ['128', (out) => out.integer(1, 128), [8, 0x80, 0x01]],
  ['2³¹ − 1', (out) => out.integer(1, 2 ** 31 - 1), [8, 0xff, 0xff, 0xff, 0xff, 0x07]],
  ['2³¹', (out) => out.integer(1, 2 ** 31), [8, 0x80, 0x80, 0x80, 0x80, 0x08]],
  ['−1 as int64', (out) => out.integer(2, -1), [0x10, ...Array(9).fill(0xff), 0x01]],
  ['2⁴⁰', (out) => out.integer(1, 2 ** 40), [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20]],
  ['a field above 15', (out) => out.integer(20, 7), [0xa0, 0x01, 0x07]],
  ['a text', (out) => out.text(2, 'testing'), [0x12, 0x07, ...Buffer.from('testing')]],
  ['a text of two bytes a letter', (out) => out.text(1, 'é'), [0x0a, 0x02, 0xc3, 0xa9]],
  ['a float', (out) => out.float(2, 1), [0x15, 0x00, 0x00, 0x80, 0x3f]],
  ['a message', (out) => out.message(3, (inner) => inner.integer(1, 150)), [0x1a, 3, 8, 0x96, 1]],
  [
    'packed integers',
    (out) => out.packedIntegers(4, [3, 270, 86942]),
    [0x22, 6, 3, 0x8e, 2, 0x9e, 0xa7, 5],
  ],
  ['packed floats', (out) => out.packedFloats(7, [1]), [0x3a, 4, 0, 0, 0x80, 0x3f]],
  [
    'bytes beyond the first buffer',
    (out) => out.bytes(1, new Uint8Array(200).fill(9)),
    [10, 200, 1, ...Array(200).fill(9)],
  ],
])('%s', (_name, write, bytes) => {
  expect(written(write)).toEqual(bytes);
});

it('keeps the order of large arrays and small fields, through messages', () => {
  const large = Uint8Array.from({ length: 5000 }, (_, i) => i % 251);
  const bytes = written((out) => {
    out.integer(1, 7);
    out.message(2, (middle) => {
      middle.text(1, 'a');
      middle.message(2, (inner) => {
        inner.bytes(3, large);
        inner.integer(4, 1);
      });
      middle.bytes(3, large.subarray(0, 4096));
      middle.bytes(3, large.subarray(0, 4095));
      middle.text(5, 'b');
    });
    out.integer(3, 8);
  });
  const field = (number: number, content: readonly number[]) => {
    const { length } = content;
    const size = length < 128 ? [length] : [(length & 0x7f) | 0x80, length >> 7];
    return [8 * number + 2, ...size, ...content];
  };
  const inner = [...field(3, [...large]), 0x20, 1];
  const middle = [
    ...field(1, [97]),
    ...field(2, inner),
    ...field(3, [...large.subarray(0, 4096)]),
    ...field(3, [...large.subarray(0, 4095)]),
    ...field(5, [98]),
  ];
  expect(bytes).toEqual([8, 7, ...field(2, middle), 0x18, 8]);
});
