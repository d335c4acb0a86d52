import {
  type BackendValues,
  type DataId,
  type DataType,
  engine,
  KernelBackend,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';
import { scalar } from '../ir/constant.js';
import type { TensorType } from '../ir/element-type.js';
import type { ConstantData, Graph } from '../ir/graph.js';
import { type SymbolicTensor, symbolic } from '../tensors/symbolic-tensor.js';
import { impure } from './impure.js';
import { at, userLine } from './user-line.js';

/** A tfjs backend that records instead of computing: its tensors are symbols of a graph. */
export class TraceBackend extends KernelBackend {
  private readonly symbols = new WeakMap<object, SymbolicTensor>();
  /** Symbols of tensors from outside the function; they belong to one trace. */
  private captured = new Map<object, SymbolicTensor>();
  private current: Graph | undefined;
  private refusal: TweedieError | undefined;
  private lines: (string | undefined)[] | undefined;

  /** @param name under which tfjs knows it */
  constructor(readonly name: string) {
    super();
  }

  get graph(): Graph {
    if (this.current === undefined) throw new Error('no function is being traced');
    return this.current;
  }

  get isTracing(): boolean {
    return this.current !== undefined;
  }

  /** @param lines filled with the user's line of each node, which costs a stack a kernel */
  begin(graph: Graph, lines?: (string | undefined)[]): void {
    this.lines = lines;
    this.current = graph;
    this.captured = new Map();
    this.refusal = undefined;
  }

  /** Notes the line from which the nodes since the last note came. */
  note(): void {
    if (this.lines === undefined || this.lines.length >= this.graph.nodes.length) return;
    const line = userLine();
    while (this.lines.length < this.graph.nodes.length) this.lines.push(line);
  }

  end(): void {
    this.lines = undefined;
    this.current = undefined;
    this.captured = new Map();
  }

  /**
   * Fails the trace at its end, for what can be answered only by a promise: one that is rejected and
   * that nobody awaits would end the process.
   */
  refuse(error: TweedieError): Promise<never> {
    this.refusal ??= error;
    return new Promise(() => {});
  }

  /** @throws TweedieError IMPURE_FUNCTION when something was refused since `begin` */
  checkNothingWasRefused(): void {
    if (this.refusal !== undefined) throw this.refusal;
  }

  /** @throws TweedieError IMPURE_FUNCTION for a tensor that an earlier trace left behind */
  symbolOf(tensor: TensorInfo): SymbolicTensor {
    const known = this.symbols.get(tensor.dataId) ?? this.captured.get(tensor.dataId);
    if (known !== undefined) {
      if (known.value.graph === this.current) return known;
      throw impure({
        given: 'a compiled function uses a tensor that it kept from an earlier call',
        fix: 'return what the next call needs, and pass it as an argument',
        line: userLine(),
      });
    }
    // A tensor from outside the function: its values now become part of the graph. They are read
    // where they are, so that the tensor stays on its backend.
    const values = engine().readSync(tensor.dataId);
    const symbol = this.constant(values, tensor.shape, tensor.dtype);
    this.captured.set(tensor.dataId, symbol);
    return symbol;
  }

  infoOf(symbol: SymbolicTensor): TensorInfo {
    const dataId = {};
    this.symbols.set(dataId, symbol);
    return { dataId, shape: [...symbol.shape], dtype: symbol.type };
  }

  tensorOf(symbol: SymbolicTensor): Tensor {
    return engine().makeTensorFromTensorInfo(this.infoOf(symbol), this);
  }

  private constant(
    values: BackendValues,
    shape: readonly number[],
    dtype: DataType,
  ): SymbolicTensor {
    const type = tracedType(dtype);
    const data = constantData(values, type);
    const first = Number(data[0]);
    if (data.length > 0 && data.every((element) => Object.is(Number(element), first))) {
      return symbolic(scalar(this.graph, type, first), shape);
    }
    return symbolic(this.graph.constant(type, data, shape));
  }

  override write(values: BackendValues, shape: number[], dtype: DataType): DataId {
    const dataId = {};
    this.symbols.set(dataId, this.constant(values, shape, dtype));
    return dataId;
  }
  override readSync(): BackendValues {
    throw readingIsImpure();
  }
  override read(): Promise<BackendValues> {
    return this.refuse(readingIsImpure());
  }
  override disposeData(): boolean {
    return true;
  }
  override refCount(): number {
    return 1;
  }
  override incRef(): void {}
  override numDataIds(): number {
    return 0;
  }
  override floatPrecision(): 32 {
    return 32;
  }
  override epsilon(): number {
    return 1e-7;
  }
  override timerAvailable(): boolean {
    return false;
  }
  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }
  override dispose(): void {}
}

function readingIsImpure(): TweedieError {
  return impure({
    given: 'a compiled function reads the values of a tensor (dataSync, data, array, print)',
    fix: 'return the tensor and read it outside, and choose with `where` instead of `if`',
    line: userLine(),
  });
}

function tracedType(dtype: DataType): TensorType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new TweedieError({
    code: 'UNSUPPORTED',
    package: 'backend-onnx',
    given: `a compiled function uses a ${dtype} tensor${at(userLine())}`,
    allowed: 'float32, int32 and bool',
  });
}

/** A copy, since the owner may change or free the array. */
function constantData(values: BackendValues, type: TensorType): ConstantData {
  const numbers = values as ArrayLike<number>;
  if (type === 'float32') return new Float32Array(numbers);
  if (type === 'int32') return new Int32Array(numbers);
  return Uint8Array.from(numbers, (element) => Number(element !== 0));
}
