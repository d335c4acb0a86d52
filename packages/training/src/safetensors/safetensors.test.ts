import { floats, type HostArray, ints, TweedieError } from '@tweedie/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors } from './decode.js';
import { encodeSafetensors } from './encode.js';

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g)!, (byte) => Number.parseInt(byte, 16));
}

/** A file of any header text over any data, for files that no writer would write. */
function file(header: string, dataLength = 0): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + dataLength);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 8);
  return bytes;
}

const tensors = {
  b: floats([1, 2, 3, 4], [2, 2]),
  n: ints([7, -8]),
  a: floats([-1.5]),
  e: floats([], [0, 3]),
  0: floats([2.5], []),
};

// safetensors 0.8.0 (Python): safetensors.numpy.save of the tensors above, metadata {'k': 'vé'}.
const written = fromHex(
  '30010000000000007b225f5f6d657461646174615f5f223a7b226b223a2276c3a9227d2c2230223a7b22647479706522' +
    '3a22463332222c227368617065223a5b5d2c22646174615f6f666673657473223a5b302c345d7d2c2261223a7b226474' +
    '797065223a22463332222c227368617065223a5b315d2c22646174615f6f666673657473223a5b342c385d7d2c226222' +
    '3a7b226474797065223a22463332222c227368617065223a5b322c325d2c22646174615f6f666673657473223a5b382c' +
    '32345d7d2c2265223a7b226474797065223a22463332222c227368617065223a5b302c335d2c22646174615f6f666673' +
    '657473223a5b32342c32345d7d2c226e223a7b226474797065223a22493332222c227368617065223a5b325d2c226461' +
    '74615f6f666673657473223a5b32342c33325d7d7d202020000020400000c0bf0000803f000000400000404000008040' +
    '07000000f8ffffff',
);

// The same package, safetensors.torch.save of the tensors that the test below lists.
const otherTypes = fromHex(
  'c8010000000000007b22693634223a7b226474797065223a22493634222c227368617065223a5b325d2c22646174615f' +
    '6f666673657473223a5b302c31365d7d2c22663634223a7b226474797065223a22463634222c227368617065223a5b32' +
    '5d2c22646174615f6f666673657473223a5b31362c33325d7d2c2262663136223a7b226474797065223a224246313622' +
    '2c227368617065223a5b335d2c22646174615f6f666673657473223a5b33322c33385d7d2c22663136223a7b22647479' +
    '7065223a22463136222c227368617065223a5b365d2c22646174615f6f666673657473223a5b33382c35305d7d2c2269' +
    '3136223a7b226474797065223a22493136222c227368617065223a5b315d2c22646174615f6f666673657473223a5b35' +
    '302c35325d7d2c226938223a7b226474797065223a224938222c227368617065223a5b315d2c22646174615f6f666673' +
    '657473223a5b35322c35335d7d2c227538223a7b226474797065223a225538222c227368617065223a5b325d2c226461' +
    '74615f6f666673657473223a5b35332c35355d7d2c22626f6f6c223a7b226474797065223a22424f4f4c222c22736861' +
    '7065223a5b325d2c22646174615f6f666673657473223a5b35352c35375d7d7dfbffffffffffffffffffff7f00000000' +
    '9a9999999999b93f00000000000000c0c03f62ffcd3d003e0180ff7b007c007e662ed4fefd00ff0100',
);

describe('encodeSafetensors', () => {
  it('writes the bytes that the Python package writes', () => {
    expect([...encodeSafetensors(tensors, { k: 'vé' })]).toEqual([...written]);
  });

  it('gives the same bytes whatever the order of the tensors', () => {
    const reversed = Object.fromEntries(Object.entries(tensors).reverse());
    expect([...encodeSafetensors(reversed)]).toEqual([...encodeSafetensors(tensors)]);
  });

  it('refuses a reserved name and a shape that does not fit', () => {
    expect(() => encodeSafetensors({ __metadata__: floats([1]) })).toThrow("named '__metadata__'");
    const wrong = { data: new Float32Array(3), shape: [2, 2] };
    expect(() => encodeSafetensors({ wrong })).toThrow('[2, 2] holds 4 values and the data 3');
    // What could not be read again.
    expect(() => encodeSafetensors({}, { k: 'x'.repeat(2 ** 24) })).toThrow(/at most 16777216/);
  });
});

describe('decodeSafetensors', () => {
  it('reads what the Python package wrote', () => {
    expect(decodeSafetensors(written)).toEqual({ tensors, metadata: { k: 'vé' } });
  });

  it('reads the other number types as float32 and int32', () => {
    const { tensors: read, metadata } = decodeSafetensors(otherTypes);
    expect(metadata).toEqual({});
    expect(read).toEqual({
      i64: ints([-5, 2 ** 31 - 1]),
      f64: floats([0.1, -2]),
      bf16: floats([1.5, -3.00405527047391e38, 0.10009765625]),
      f16: floats([1.5, -(2 ** -24), 65504, Infinity, Number.NaN, 0.0999755859375]),
      i16: ints([-300]),
      i8: ints([-3]),
      u8: ints([0, 255]),
      bool: ints([1, 0]),
    });
  });

  it('reads from the middle of a larger buffer, whatever the alignment', () => {
    for (const offset of [1, 2, 3, 5]) {
      const buffer = new Uint8Array(written.length + 10);
      buffer.set(written, offset);
      const view = buffer.subarray(offset, offset + written.length);
      expect(decodeSafetensors(view).tensors).toEqual(tensors);
    }
  });

  it('shares no memory with the bytes', () => {
    const bytes = encodeSafetensors({ a: floats([1, 2]) });
    const { tensors: read } = decodeSafetensors(bytes);
    bytes.fill(0xff);
    expect([...read.a!.data]).toEqual([1, 2]);
  });

  it('gives back any tensors and metadata, bit for bit', () => {
    const tensor: fc.Arbitrary<HostArray> = fc
      .array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 })
      .chain((shape) => {
        const length = shape.reduce((a, b) => a * b, 1);
        const bits = fc.uint8Array({ minLength: 4 * length, maxLength: 4 * length });
        return fc.tuple(bits, fc.boolean()).map(([bytes, whole]) => ({
          data: whole
            ? new Int32Array(bytes.slice().buffer)
            : new Float32Array(bytes.slice().buffer),
          shape,
        }));
      });
    const name = fc
      .string({ unit: 'binary', maxLength: 8 })
      .filter((key) => key !== '__metadata__');
    fc.assert(
      fc.property(
        fc.dictionary(name, tensor, { maxKeys: 6 }),
        fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })),
        (given, metadata) => {
          const read = decodeSafetensors(encodeSafetensors(given, metadata));
          expect(Object.keys(read.tensors).sort()).toEqual(Object.keys(given).sort());
          for (const [key, { data, shape }] of Object.entries(given)) {
            const other = read.tensors[key]!;
            expect(other.shape).toEqual(shape);
            expect(other.data.constructor).toBe(data.constructor);
            expect(new Uint8Array(other.data.buffer)).toEqual(new Uint8Array(data.buffer));
          }
          expect({ ...read.metadata }).toEqual({ ...metadata });
        },
      ),
    );
  });

  const one = '{"dtype":"F32","shape":[1],"data_offsets":[0,4]}';
  it.each([
    ['no bytes', new Uint8Array(0), 'it has 0 bytes'],
    [
      'a header beyond the end',
      file('{}').subarray(0, 9),
      'its header ends at byte 10, the file at 9',
    ],
    ['an absurd header', fromHex('ffffffffffffff7f7b7d'), 'its header ends at byte'],
    ['an empty header', file(''), 'its header is not JSON (the end at character 1)'],
    ['a header that is a list', file('[]'), 'its header is no JSON object'],
    ['a header that is cut', file('{"a":'), 'its header is not JSON'],
    ['a header that is not UTF-8', fromHex('03000000000000007bff7d'), 'its header is not UTF-8'],
    ['a name twice', file(`{"a":${one},"a":${one}}`, 4), "its header holds 'a' twice"],
    ['a name twice, once escaped', file(`{"a":${one},"\\u0061":${one}}`, 4), "holds 'a' twice"],
    ['a field twice', file(`{"a":{"dtype":"F32",${one.slice(1)}}`, 4), "holds 'dtype' twice"],
    ['an entry that is no record', file('{"a":null}'), "tensor 'a' is not described"],
    ['an unknown type', file(`{"a":${one.replace('F32', 'F31')}}`, 4), 'has the type "F31"'],
    ['a type of the prototype', file(`{"a":${one.replace('F32', 'toString')}}`, 4), '"toString"'],
    [
      'a type of another width',
      file(`{"a":${one.replace('F32', 'F64')}}`, 4),
      'takes 8 bytes and has 4',
    ],
    ['an extent in float form', file(`{"a":${one.replace('[1]', '[1.0]')}}`, 4), 'the shape [1.0]'],
    ['an extent with an exponent', file(`{"a":${one.replace('[1]', '[1e0]')}}`, 4), 'shape [1e0]'],
    ['a negative zero', file(`{"a":${one.replace('0,4', '-0,4')}}`, 4), 'the offsets [-0,4]'],
    ['an offset in float form', file(`{"a":${one.replace('0,4', '0,4.0')}}`, 4), 'offsets [0,4.0]'],
    ['three offsets', file(`{"a":${one.replace('0,4', '0,4,4')}}`, 4), 'the offsets [0,4,4]'],
    ['a text for a number', file(`{"a":${one.replace('[1]', '["x"]')}}`, 4), 'the shape ["x"]'],
    ['half a character', file(`{"\\ud800":${one}}`, 4), 'half a character'],
    [
      'a number beyond float64',
      file(`{"a":${one.replace('F32"', 'F32","x":1e999')}}`, 4),
      'not JSON',
    ],
    ['metadata twice', file('{"__metadata__":{},"__metadata__":{}}'), "holds '__metadata__' twice"],
    [
      'a text of metadata twice',
      file('{"__metadata__":{"k":"","k":""}}'),
      "header holds 'k' twice",
    ],
    ['metadata inside metadata', file('{"__metadata__":{"a":{}}}'), 'is not a record of texts'],
    ['a negative extent', file(`{"a":${one.replace('[1]', '[-1]')}}`, 4), 'has the shape [-1]'],
    ['a fraction', file(`{"a":${one.replace('[1]', '[0.5]')}}`, 4), 'has the shape [0.5]'],
    ['no shape', file('{"a":{"dtype":"F32","data_offsets":[0,4]}}', 4), 'has the shape undefined'],
    [
      'a shape of another size',
      file(`{"a":${one.replace('[1]', '[2]')}}`, 4),
      'takes 8 bytes and has 4',
    ],
    [
      'a shape beyond counting',
      file(`{"a":${one.replace('[1]', '[9007199254740991,8]')}}`, 4),
      'bytes and has 4',
    ],
    [
      'offsets that run back',
      file(`{"a":${one.replace('0,4', '4,0')}}`, 4),
      'has the offsets [4,0]',
    ],
    ['data beyond the end', file(`{"a":${one}}`, 3), 'its tensors take 4 bytes, and it holds 3'],
    [
      'data that no tensor has',
      file(`{"a":${one}}`, 5),
      'its tensors take 4 bytes, and it holds 5',
    ],
    ['a gap', file(`{"a":${one},"b":${one.replace('0,4', '8,12')}}`, 12), 'leaves a gap before it'],
    [
      'an overlap',
      file(`{"a":${one},"b":${one.replace('0,4', '2,6')}}`, 6),
      'overlaps the one before',
    ],
    [
      'the same bytes for two tensors',
      file(`{"a":${one},"b":${one}}`, 4),
      'overlaps the one before',
    ],
    [
      'metadata that is no record',
      file('{"__metadata__":[]}'),
      'its metadata is not a record of texts',
    ],
    [
      'metadata with numbers',
      file('{"__metadata__":{"a":1}}'),
      'its metadata is not a record of texts',
    ],
  ])('refuses %s', (_what, bytes, message) => {
    const read = () => decodeSafetensors(bytes, "'x.safetensors'");
    expect(read).toThrow(message);
    expect(read).toThrow("[training] 'x.safetensors'");
    expect(read).toThrow(expect.objectContaining({ code: 'CORRUPT_FILE' }));
  });

  it('reads what the reference implementation reads beside what it writes', () => {
    const read = (header: string, length = 0) => decodeSafetensors(file(header, length));
    expect(read('{"__metadata__":null}').metadata).toEqual({});
    expect(read('\n {} \t').tensors).toEqual({});
    expect(
      read(`{"a":${one.replace('F32"', 'F32","more":[{"x":1.5}]')}}`, 4).tensors.a,
    ).toBeDefined();
    const empty = '{"dtype":"F32","shape":[0,9007199254740991],"data_offsets":[0,0]}';
    expect(read(`{"a":${empty},"b":${empty}}`).tensors.b!.shape).toEqual([0, 9007199254740991]);
  });

  it('refuses a header of a million entries before it reads them all', () => {
    const empty = '{"dtype":"F32","shape":[0],"data_offsets":[0,0]}';
    const header = (count: number) =>
      file(`{${Array.from({ length: count }, (_, i) => `"t${i}":${empty}`).join()}}`);
    const million = header(1_000_000);
    const begin = process.cpuUsage();
    expect(() => decodeSafetensors(million)).toThrow(
      /its header has \d+ bytes.*at most 16777216.*raise the limit 'headerBytes'/,
    );
    expect(() => decodeSafetensors(million, 'it', { headerBytes: 2 ** 30 })).toThrow(
      /an object of more than 65536 keys.*at most 65536.*'tensors'/,
    );
    expect(process.cpuUsage(begin).user).toBeLessThan(2000e3);
    expect(() => decodeSafetensors(header(3), 'it', { tensors: 2 })).toThrow(/at most 2/);
    expect(() => decodeSafetensors(header(3), 'it', { tensor: 2 } as never)).toThrow(
      /the limit 'tensor' is 2.*headerBytes, tensors/,
    );
  });

  it('refuses nesting 20,000 deep, and axes without number', () => {
    const deep = (open: string, close: string, depth: number) =>
      file(`{"a":${open.repeat(depth)}0${close.repeat(depth)}}`);
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      expect(() => decodeSafetensors(deep(open, close, 20_000))).toThrow(
        /129 objects and lists inside one another.*at most 128.*'nesting'/,
      );
      expect(() => decodeSafetensors(deep(open, close, 100))).toThrow(/CORRUPT|tensor 'a'/);
    }
    const axes = one.replace('[1]', `[${'1,'.repeat(64)}1]`);
    expect(() => decodeSafetensors(file(`{"a":${axes}}`, 4))).toThrow(/65 axes.*at most 64/);
    expect(decodeSafetensors(file(`{"a":${axes}}`, 4), 'it', { axes: 65 }).tensors.a).toBeDefined();
  });

  it('takes time in proportion to its header', () => {
    // Each search for the end of a text that went on to the end of the file would take minutes.
    const texts = Array.from({ length: 30_000 }, (_, i) => `"k${i}":"${'x'.repeat(400)}"`).join();
    const escaped = `"z":"${'\\n'.repeat(1_000_000)}"`;
    const begin = process.cpuUsage();
    const { metadata } = decodeSafetensors(file(`{"__metadata__":{${texts},${escaped}}}`));
    expect(metadata.z).toHaveLength(1_000_000);
    expect(process.cpuUsage(begin).user).toBeLessThan(2000e3);
  });

  it('refuses number types and whole numbers that have no place among ours', () => {
    const eight = file('{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}', 1);
    expect(() => decodeSafetensors(eight)).toThrow("tensor 'a' has the type F8_E4M3");
    const large = file('{"a":{"dtype":"U32","shape":[1],"data_offsets":[0,4]}}', 4);
    large.fill(0xff, large.length - 4);
    expect(() => decodeSafetensors(large)).toThrow("tensor 'a': 4294967295 does not fit");
    expect(() => decodeSafetensors(large)).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED' }),
    );
  });

  it('never fails but by a clear error, whatever bytes change', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(written, otherTypes),
        fc.array(fc.tuple(fc.nat(700), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.option(fc.nat(700)),
        (original, changes, cut) => {
          const bytes = original.slice(0, cut ?? original.length);
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          try {
            decodeSafetensors(bytes);
          } catch (error) {
            expect(TweedieError.isInstance(error) && error.code).toMatch(
              /CORRUPT_FILE|UNSUPPORTED/,
            );
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
