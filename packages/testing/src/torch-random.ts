/**
 * The random numbers of PyTorch's default CPU generator, to replay recorded runs. MT19937 of
 * Matsumoto & Nishimura (1998), seeded by their `init_genrand`; a float32 uniform is 24 bits of a
 * word; normals are Box–Muller on blocks of sixteen.
 */
export interface TorchGenerator {
  /** `torch.rand(count)`: uniform in [0, 1). */
  rand(count: number): Float32Array;
  /** `torch.randn(count)`; equal to torch's to about 1e-6 (its logarithm and cosine differ). */
  randn(count: number): Float32Array;
}

/** What `torch.manual_seed(seed)` gives, for seeds below 2³². */
export function torchGenerator(seed: number): TorchGenerator {
  const nextWord = mersenneTwister(seed);
  const uniform = () => (nextWord() & 0xffffff) * 2 ** -24;
  const uniformDouble = () => {
    const high = nextWord();
    const low = nextWord();
    return ((high & 0x1fffff) * 2 ** 32 + low) * 2 ** -53;
  };
  let cached: number | undefined;

  const transform = (data: Float32Array, at: number) => {
    for (let j = at; j < at + 8; j++) {
      const radius = Math.sqrt(-2 * Math.log(1 - data[j]!));
      const angle = 2 * Math.PI * data[j + 8]!;
      data[j] = radius * Math.cos(angle);
      data[j + 8] = radius * Math.sin(angle);
    }
  };

  return {
    rand: (count) => Float32Array.from({ length: count }, uniform),
    randn(count) {
      const data = new Float32Array(count);
      if (count < 16) {
        for (let i = 0; i < count; i++) {
          if (cached !== undefined) {
            data[i] = cached;
            cached = undefined;
            continue;
          }
          const first = uniformDouble();
          const second = uniformDouble();
          const radius = Math.sqrt(-2 * Math.log1p(-second));
          data[i] = radius * Math.cos(2 * Math.PI * first);
          cached = radius * Math.sin(2 * Math.PI * first);
        }
        return data;
      }
      for (let i = 0; i < count; i++) data[i] = uniform();
      for (let at = 0; at + 16 <= count; at += 16) transform(data, at);
      if (count % 16 !== 0) {
        // The tail is drawn anew, sixteen numbers that overlap the block before.
        for (let i = count - 16; i < count; i++) data[i] = uniform();
        transform(data, count - 16);
      }
      return data;
    },
  };
}

function mersenneTwister(seed: number): () => number {
  const size = 624;
  const state = new Uint32Array(size);
  state[0] = seed;
  for (let i = 1; i < size; i++) {
    const previous = state[i - 1]! ^ (state[i - 1]! >>> 30);
    state[i] = Math.imul(1812433253, previous) + i;
  }
  let at = size;
  return () => {
    if (at === size) {
      for (let i = 0; i < size; i++) {
        const mixed = (state[i]! & 0x80000000) | (state[(i + 1) % size]! & 0x7fffffff);
        const twist = (mixed & 1) === 0 ? 0 : 0x9908b0df;
        state[i] = state[(i + 397) % size]! ^ (mixed >>> 1) ^ twist;
      }
      at = 0;
    }
    let word = state[at++]!;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    word ^= word >>> 18;
    return word >>> 0;
  };
}
