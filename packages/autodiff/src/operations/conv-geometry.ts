/** Where a filter is applied to an image, in pixels. */
export interface ConvGeometry {
  readonly strides: readonly [height: number, width: number];
  /** Zeros around the image. */
  readonly padding: readonly [top: number, bottom: number, left: number, right: number];
  readonly dilations: readonly [height: number, width: number];
}

/** Output extent of a convolution along one axis; not positive where the filter does not fit. */
export function convOutputSize(
  size: number,
  filter: number,
  before: number,
  after: number,
  stride: number,
  dilation: number,
): number {
  return Math.floor((size + before + after - dilation * (filter - 1) - 1) / stride) + 1;
}
