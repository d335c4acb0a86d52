import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '@tweedie/core';
import type { TracedFunction } from '../ir/computation.js';
import { encodeModel, numberedNames } from '../onnx/encode-model.js';
import { createSession } from '../sessions/create-session.js';
import { loadRuntime, type Runtime } from '../sessions/runtime.js';
import type { RuntimeTensor } from '../sessions/session.js';
import type { SessionSettings } from '../sessions/settings.js';
import { type Argument, isTensor } from './arguments.js';
import { exactBytes, gpuTensors, paddedBytes } from './gpu-tensors.js';
import type { Program } from './program.js';

interface Port {
  readonly name: string;
  readonly type: 'float32' | 'int32' | 'bool';
  readonly shape: readonly number[];
}

/**
 * A program whose arguments and results stay on the graphics processor: it runs on the device of
 * tfjs's webgpu backend, reads that backend's buffers and writes into new ones of it. Booleans,
 * which the two keep in different widths, and empty tensors go through plain memory.
 *
 * @throws TweedieError MISSING_BACKEND when the runtime or tfjs's webgpu backend does not start
 */
export async function createGpuProgram(
  trace: TracedFunction,
  settings: SessionSettings,
): Promise<Program> {
  const [runtime, tensors] = await Promise.all([loadRuntime(settings.device), gpuTensors()]);
  const names = numberedNames(trace);
  const session = await createSession(runtime, encodeModel(trace, names), settings, {
    name: 'webgpu',
    device: tensors.device,
  } as never);
  const needed = new Set(session.inputNames);
  const inputs = trace.graph.inputs
    .map(({ type, shape }, index) => ({ ...port(names.inputs[index]!, type, shape), index }))
    .filter(({ name }) => needed.has(name));
  const outputs = trace.outputs.map(({ type, shape }, i) => port(names.outputs[i]!, type, shape));
  const { structure } = trace;
  const buffers = createBuffers(runtime, tensors.device);

  const run = async (args: readonly Argument[]): Promise<unknown> => {
    const arriving = tensors.device.createCommandEncoder();
    const feeds: Record<string, RuntimeTensor> = {};
    for (const input of inputs) {
      const argument = args[input.index]!;
      const content = isTensor(argument) ? tensors.contentOf(argument) : argument;
      feeds[input.name] =
        content instanceof GPUBuffer
          ? buffers.feed(input, content, arriving)
          : new runtime.Tensor(input.type as 'float32', hostData(content, input), input.shape);
    }
    // What tfjs still has to compute comes before the copies, and those before the run.
    tensors.submit();
    tensors.device.queue.submit([arriving.finish()]);

    const leaving = tensors.device.createCommandEncoder();
    const results: (Tensor | undefined)[] = [];
    try {
      const fetches: Record<string, RuntimeTensor | null> = {};
      for (const output of outputs) {
        const stays = output.type !== 'bool' && sizeOf(output.shape) > 0;
        const { tensor, buffer } = stays
          ? tensors.allocate(output.shape, output.type)
          : { tensor: undefined, buffer: undefined };
        results.push(tensor);
        fetches[output.name] = buffer === undefined ? null : buffers.fetch(output, buffer, leaving);
      }
      const computed = await session.run(feeds, fetches);
      tensors.device.queue.submit([leaving.finish()]);
      return structure.unflatten(
        outputs.map(
          ({ name, type, shape }, i) =>
            results[i] ?? tensors.fromHost(computed[name]!.data as Float32Array, shape, type),
        ),
      );
    } catch (error) {
      for (const tensor of results) tensor?.dispose();
      throw error;
    }
  };

  // The buffers between belong to one run at a time.
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(args) {
      const result = last.then(() => run(args));
      last = result.catch(() => {});
      return result;
    },
    async release() {
      await session.release();
      buffers.destroy();
    },
  };
}

const port = (name: string, type: string, shape: readonly number[]): Port => ({
  name,
  type: type as Port['type'],
  shape,
});

/** The elements of an argument as the runtime takes them. */
function hostData(content: ArrayLike<number>, { type }: Port): Float32Array {
  const wanted = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[type];
  const data = content instanceof wanted ? content : wanted.from(content);
  return data as Float32Array;
}

/**
 * Buffers as tensors of the runtime. It reads and writes whole pieces of 16 bytes, so that a tensor
 * that is no multiple of them goes through a buffer between, on the device.
 */
function createBuffers(runtime: Runtime, device: GPUDevice) {
  const between = new Map<string, GPUBuffer>();
  const padded = ({ name, shape }: Port): GPUBuffer => {
    const known = between.get(name);
    if (known !== undefined) return known;
    const buffer = device.createBuffer({
      size: paddedBytes(shape),
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
    between.set(name, buffer);
    return buffer;
  };
  const fits = ({ shape }: Port, buffer: GPUBuffer) => buffer.size >= paddedBytes(shape);
  const tensorOf = ({ type, shape }: Port, buffer: GPUBuffer): RuntimeTensor =>
    runtime.Tensor.fromGpuBuffer(buffer as never, { dataType: type, dims: shape });
  return {
    feed(input: Port, buffer: GPUBuffer, encoder: GPUCommandEncoder): RuntimeTensor {
      if (fits(input, buffer)) return tensorOf(input, buffer);
      const copy = padded(input);
      encoder.copyBufferToBuffer(buffer, 0, copy, 0, exactBytes(input.shape));
      return tensorOf(input, copy);
    },
    fetch(output: Port, buffer: GPUBuffer, encoder: GPUCommandEncoder): RuntimeTensor {
      if (fits(output, buffer)) return tensorOf(output, buffer);
      const source = padded(output);
      encoder.copyBufferToBuffer(source, 0, buffer, 0, exactBytes(output.shape));
      return tensorOf(output, source);
    },
    destroy() {
      for (const buffer of between.values()) buffer.destroy();
      between.clear();
    },
  };
}
