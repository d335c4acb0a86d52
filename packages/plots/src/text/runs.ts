/** A stretch of text at one height. */
export interface Run {
  readonly text: string;
  readonly script: 'base' | 'sub' | 'super';
}

/** Size of sub- and superscripts against the text that they stand in. */
export const scriptScale = 0.72;

/**
 * Takes a text with `_{…}` and `^{…}` apart: 'x_{t−1}' is x with t−1 below the line. Other braces,
 * underscores and carets are themselves.
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
