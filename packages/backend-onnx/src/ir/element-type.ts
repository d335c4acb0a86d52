/** Element types that the graphs of this package hold. */
export type ElementType = 'float32' | 'int32' | 'int64' | 'bool' | 'int8' | 'uint8';

/** Those of tensors, at the ends of a graph. */
export type TensorType = 'float32' | 'int32' | 'bool';

/** What of an argument or a result a graph depends on. */
export interface LeafType {
  readonly shape: readonly number[];
  readonly type: TensorType;
}

/** The numbers of ONNX's `TensorProto.DataType`. */
export const elementCode: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
};
