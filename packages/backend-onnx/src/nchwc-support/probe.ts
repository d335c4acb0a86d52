import { createGraph } from '../ir/graph.js';
import { reorderInput } from '../nchwc/reorder.js';
import { encodeModel } from '../onnx/encode-model.js';
import { createSession } from '../sessions/create-session.js';
import { loadRuntime } from '../sessions/runtime.js';
import type { SessionSettings } from '../sessions/settings.js';

/** One thread, for a graph of one node. */
const settings: SessionSettings = { device: 'cpu', threads: 1, spinning: false, arena: false };
const CHANNELS = 64;

/**
 * The block size of this processor's blocked convolutions (16 with AVX-512, 8 with AVX2), or 0 where
 * the runtime has none. Two pixels of 64 channels are brought into blocks: the first block's first
 * pixel shows how many channels there are before the second pixel.
 */
export async function probeBlockSize(): Promise<number> {
  const graph = createGraph({ operators: 'runtime', blockSize: 0 });
  const shape = [1, CHANNELS, 1, 2];
  const blocks = reorderInput(graph.input('float32', shape), shape, false);
  const names = { inputs: ['pixels'], outputs: ['blocks'] };
  const model = encodeModel({ graph, outputs: [blocks] }, names);
  const runtime = await loadRuntime(settings.device);
  try {
    const session = await createSession(runtime, model, settings);
    const data = Float32Array.from({ length: 2 * CHANNELS }, (_, i) => i);
    const pixels = new runtime.Tensor('float32', data, shape);
    const { blocks: result } = await session.run({ pixels });
    await session.release();
    const order = Array.from(result!.data as Float32Array);
    const blockSize = order.findIndex((pixel, i) => pixel !== 2 * i);
    // A block as large as all channels says nothing.
    return CHANNELS % blockSize === 0 && blockSize < CHANNELS ? blockSize : 0;
  } catch {
    return 0;
  }
}
