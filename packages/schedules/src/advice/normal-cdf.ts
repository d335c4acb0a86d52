/**
 * Φ(z) of the standard normal distribution, to about 1e-15; the lower tail keeps its relative precision.
 * Near 0 the series ½ + φ(z)(z + z³/3 + z⁵/(3·5) + …), further out Laplace's continued fraction
 * φ(z)/(z + 1/(z + 2/(z + 3/(z + …)))) (Abramowitz & Stegun, 26.2.11 and 26.2.14).
 */
export function normalCdf(z: number): number {
  if (Number.isNaN(z)) return Number.NaN;
  const away = Math.abs(z);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (density === 0) return z < 0 ? 0 : 1;
  if (away < 3) {
    let term = z;
    let sum = z;
    for (let k = 3; Math.abs(term) > 1e-18 * Math.abs(sum); k += 2) {
      term *= (z * z) / k;
      sum += term;
    }
    return 0.5 + density * sum;
  }
  let rest = away;
  for (let k = 100; k >= 1; k--) rest = away + k / rest;
  return z < 0 ? density / rest : 1 - density / rest;
}
