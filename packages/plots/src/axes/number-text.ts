/** Minus sign, not hyphen; thin spaces between thousands from 10 000 on. */
function typeset(text: string): string {
  const [whole = '', fraction] = text.split('.');
  const grouped =
    whole.replace('-', '').length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, '\u2009') : whole;
  const joined = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  return joined.replace('-', '\u2212');
}

/** 10 to a whole power, as '10^{−2}'. */
export function powerOfTen(exponent: number): string {
  if (exponent === 0) return '1';
  if (exponent === 1) return '10';
  return `10^{${typeset(String(exponent))}}`;
}

/**
 * Texts of tick values, all with as many decimals as their steps need; very large and very small
 * numbers as multiples of a power of ten.
 */
export function tickTexts(values: readonly number[]): string[] {
  const largest = Math.max(...values.map(Math.abs), 0);
  const step = smallestStep(values) ?? (largest || 1);
  if (largest !== 0 && (largest >= 1e6 || step < 1e-4)) {
    const exponent = Math.floor(Math.log10(largest) + 1e-9);
    const decimals = decimalsOf(step / 10 ** exponent);
    return values.map((value) => {
      if (value === 0) return '0';
      const factor = (value / 10 ** exponent).toFixed(decimals);
      if (factor === '1') return powerOfTen(exponent);
      return `${typeset(factor)}·${powerOfTen(exponent)}`;
    });
  }
  const decimals = decimalsOf(step);
  return values.map((value) =>
    typeset(Math.abs(value) < step / 1e6 ? '0' : value.toFixed(decimals)),
  );
}

/**
 * A number as text, to three significant digits by default: '0.0123', '1.23·10^{−5}'.
 */
export function numberText(value: number, significant = 3): string {
  if (value === 0) return '0';
  const magnitude = Math.abs(value);
  if (magnitude >= 1e6 || magnitude < 1e-3) {
    const [factor = '', exponent = ''] = value.toExponential(significant - 1).split('e');
    const shortened = factor.includes('.') ? factor.replace(/\.?0+$/, '') : factor;
    return `${typeset(shortened)}·${powerOfTen(Number(exponent))}`;
  }
  const decimals = Math.max(0, significant - 1 - Math.floor(Math.log10(magnitude)));
  return typeset(value.toFixed(Math.min(decimals, 8)));
}

function smallestStep(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const steps = sorted.slice(1).map((value, i) => value - sorted[i]!);
  const positive = steps.filter((step) => step > 0);
  return positive.length === 0 ? undefined : Math.min(...positive);
}

/** The decimals that multiples of a step need: 0 of 5, 1 of 0.5, 2 of 0.25. */
function decimalsOf(step: number): number {
  for (let decimals = 0; decimals < 12; decimals++) {
    const scaled = step * 10 ** decimals;
    if (
      Math.abs(scaled - Math.round(scaled)) < 1e-6 * Math.max(1, scaled) &&
      Math.round(scaled) > 0
    ) {
      return decimals;
    }
  }
  return 12;
}
