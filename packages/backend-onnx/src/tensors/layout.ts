/**
 * How the elements of an image (rank 4, logically [N, H, W, C]) lie in memory: as it is; with channels
 * first, [N, C, H, W]; or in blocks of b channels, [N, C/b, H, W, b]. Every other tensor is row-major,
 * which NHWC stands for too.
 */
export type Layout = 'NHWC' | 'NCHW' | 'NCHWc';

/** One entry for each logical axis, in the order of the layout; NCHWc splits the last into two. */
export function inLayout<T>(
  layout: Layout,
  entries: readonly T[],
  split: (last: T) => [T, T],
): T[] {
  if (layout === 'NHWC') return [...entries];
  const [items, height, width, channels] = entries as [T, T, T, T];
  if (layout === 'NCHW') return [items, channels, height, width];
  const [blocks, inBlock] = split(channels);
  return [items, blocks, height, width, inBlock];
}

const axesOfNchwc = [[0], [2], [3], [1, 4]];

/** The axes of a layout that hold the given logical axes. */
export function axesIn(layout: Layout, axes: readonly number[]): number[] {
  if (layout === 'NHWC') return [...axes];
  const places = axesOfNchwc.map((all) => (layout === 'NCHW' ? all.slice(0, 1) : all));
  return axes.flatMap((axis) => places[axis] ?? [axis]);
}

/** The shape of a value that holds all elements of a tensor in a layout. */
export function physicalShape(
  shape: readonly number[],
  layout: Layout,
  blockSize: number,
): readonly number[] {
  return inLayout(layout, shape, (channels) => [channels / blockSize, blockSize]);
}

/** Of several layouts the one in which their tensors meet. */
export function commonLayout(tensors: readonly { readonly layout: Layout }[]): Layout {
  const layouts = tensors.map(({ layout }) => layout);
  if (layouts.includes('NCHWc')) return 'NCHWc';
  return layouts.includes('NCHW') ? 'NCHW' : 'NHWC';
}

/** A layout in which as many channels can be counted off: of NCHWc whole blocks only. */
export const layoutForChannels = (
  layout: Layout,
  blockSize: number,
  ...counts: readonly number[]
): Layout =>
  layout === 'NCHWc' && counts.some((count) => count % blockSize !== 0) ? 'NHWC' : layout;
