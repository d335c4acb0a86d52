import { greater, type Tensor, where, zerosLike } from '@tensorflow/tfjs-core';

/** Which of several tensors is the greatest, element by element; the first of equals. */
export function contest([first, ...others]: readonly Tensor[]) {
  let greatest = first!;
  const beats = others.map((other) => {
    const better = greater(other, greatest);
    greatest = where(better, other, greatest);
    return better;
  });
  return {
    greatest,
    /** Of as many other tensors, what stands where the greatest is. */
    pick: ([start, ...rest]: readonly Tensor[]) =>
      rest.reduce((kept, other, i) => where(beats[i]!, other, kept), start!),
    /** The adjoint of `pick`: dy in the tensor that it was taken from, and zeros in the others. */
    spread(dy: Tensor): Tensor[] {
      const parts: Tensor[] = [];
      let left = dy;
      for (const better of beats.toReversed()) {
        parts.unshift(where(better, left, zerosLike(left)));
        left = where(better, zerosLike(left), left);
      }
      return [left, ...parts];
    },
  };
}
