/** Extents and channels: sizes of which every product with others is an exact number. */
export const mostSize = 2 ** 24;
