/** A part of a text: on the baseline, subscript or superscript. */
export interface Run {
  readonly text: string;
  readonly script: 'base' | 'sub' | 'super';
}

/** Font size of sub- and superscripts relative to that of the text. */
export const scriptScale = 0.72;

/**
 * Splits a text at `_{…}` and `^{…}`: in 'x_{t−1}', t−1 is a subscript. Other braces, underscores and
 * carets are literal.
 */
export function runsOf(text: string): Run[] {
  const runs: Run[] = [];
  let last = 0;
  for (const match of text.matchAll(/([_^])\{([^{}]*)\}/g)) {
    if (match.index > last) runs.push({ text: text.slice(last, match.index), script: 'base' });
    runs.push({ text: match[2]!, script: match[1] === '_' ? 'sub' : 'super' });
    last = match.index + match[0].length;
  }
  if (last < text.length) runs.push({ text: text.slice(last), script: 'base' });
  return runs;
}
