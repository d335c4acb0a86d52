/** Nodes and weights of Gauss–Hermite quadrature for N(0, 1), by Newton's method on He_n. */
export function gaussHermite(n: number): { nodes: number[]; weights: number[] } {
  const nodes: number[] = [];
  const weights: number[] = [];
  /** Orthonormal Hermite polynomials of degrees n and n − 1. */
  const at = (x: number) => {
    let [last, now] = [0, 1];
    for (let k = 0; k < n; k++) {
      [last, now] = [now, (x * now - Math.sqrt(k) * last) / Math.sqrt(k + 1)];
    }
    return { now, last };
  };
  // Roots alternate with sign changes on a fine grid.
  const [low, step] = [-Math.sqrt(4 * n + 2), 1e-3];
  for (let x = low; x < -low; x += step) {
    if (at(x).now * at(x + step).now > 0) continue;
    let root = x + step / 2;
    for (let i = 0; i < 20; i++) root -= at(root).now / (Math.sqrt(n) * at(root).last);
    nodes.push(root);
    weights.push(1 / (n * at(root).last ** 2));
  }
  return { nodes, weights };
}
