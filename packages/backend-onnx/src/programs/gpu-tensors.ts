import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { type DataType, engine, keep, setBackend, type Tensor } from '@tensorflow/tfjs-core';
import { sizeOf, TweedieError } from '@tweedie/core';

/** Tensors of tfjs's webgpu backend as buffers of its device, and back. */
export interface GpuTensors {
  readonly device: GPUDevice;
  /** The buffer of a tensor, or its elements while tfjs has them only in plain memory. */
  contentOf(tensor: Tensor): GPUBuffer | ArrayLike<number>;
  /** A new tensor without content, and the buffer that is to get it. */
  allocate(shape: readonly number[], type: DataType): { tensor: Tensor; buffer: GPUBuffer };
  fromHost(
    data: Float32Array | Int32Array | Uint8Array,
    shape: readonly number[],
    type: DataType,
  ): Tensor;
  /** Hands what tfjs has recorded to the device, so that what is handed over later comes after it. */
  submit(): void;
}

/**
 * tfjs's webgpu backend, started where it is not; the active backend stays what it was.
 *
 * @throws TweedieError MISSING_BACKEND when it does not start
 */
export async function gpuTensors(): Promise<GpuTensors> {
  const backend = await startedBackend();
  return {
    device: backend.device,
    contentOf({ dataId, size }) {
      const { values, resource } = backend.tensorMap.get(dataId);
      if (resource == null && values != null && (size * BYTES) % ALIGNMENT !== 0) {
        return values as unknown as ArrayLike<number>;
      }
      backend.uploadToGPU(dataId);
      return backend.tensorMap.get(dataId).resource as GPUBuffer;
    },
    allocate(shape, type) {
      const info = backend.makeTensorInfo([...shape], type);
      backend.uploadToGPU(info.dataId);
      const buffer = backend.tensorMap.get(info.dataId).resource as GPUBuffer;
      return { tensor: engine().makeTensorFromTensorInfo(info, backend), buffer };
    },
    fromHost: (data, shape, type) => engine().makeTensor(data, [...shape], type, backend),
    submit() {
      backend.ensureCommandEncoderReady();
      backend.endComputePassEncoder();
      backend.submitQueue();
    },
  };
}

/** Of a float32 or int32 element. */
const BYTES = 4;
/** The runtime reads and writes its buffers in pieces of this many bytes. */
const ALIGNMENT = 16;

/** @returns the bytes that a buffer of the runtime has for a tensor of this shape */
export const paddedBytes = (shape: readonly number[]): number =>
  ALIGNMENT * Math.ceil((BYTES * sizeOf(shape)) / ALIGNMENT);

export const exactBytes = (shape: readonly number[]): number => BYTES * sizeOf(shape);

/** Whether the tensor's content is with tfjs's webgpu backend. */
export function isOnGpu(tensor: Tensor): boolean {
  const owner = engine().state.tensorInfo.get(tensor.dataId)?.backend;
  return owner !== undefined && owner === engine().registry.webgpu;
}

/** A tensor of its own with the same content, so that its owner may dispose it meanwhile. */
export function hold({ dataId, shape, dtype }: Tensor): Tensor {
  const backend = engine().registry.webgpu!;
  backend.incRef(dataId);
  return keep(engine().makeTensorFromDataId(dataId, shape, dtype, backend));
}

let starting: Promise<WebGPUBackend> | undefined;

function startedBackend(): Promise<WebGPUBackend> {
  const started = engine().registry.webgpu;
  if (started !== undefined) return Promise.resolve(started as WebGPUBackend);
  starting ??= start().finally(() => {
    starting = undefined;
  });
  return starting;
}

async function start(): Promise<WebGPUBackend> {
  const before = engine().backendName;
  const isThere = await setBackend('webgpu');
  if (before) await setBackend(before);
  if (isThere) return engine().registry.webgpu as WebGPUBackend;
  throw new TweedieError({
    code: 'MISSING_BACKEND',
    package: 'backend-onnx',
    given: "tfjs's webgpu backend does not start: the browser gives no graphics processor",
    fix: "choose the device 'wasm'",
  });
}
