/** Walks over the lines of a text that are not empty. */
export interface Lines {
  /** Goes to the next line; false at the end. */
  next(): boolean;
  /** Where the line begins and ends, without its line break. */
  begin: number;
  end: number;
  /** Counted from 1, empty lines too. */
  number: number;
}

const lineFeed = 10;
const carriageReturn = 13;

/**
 * Lines that end in \n, \r\n or \r. A list of them could take a hundred times the text: there may be as
 * many lines as characters.
 */
export function linesOf(text: string): Lines {
  // A byte order mark is no content.
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  const lines: Lines = {
    begin: 0,
    end: 0,
    number: 0,
    next() {
      while (at < text.length) {
        lines.number++;
        lines.begin = at;
        let filled = false;
        let code = 0;
        for (; at < text.length; at++) {
          code = text.charCodeAt(at);
          if (code === lineFeed || code === carriageReturn) break;
          filled ||= !isSpace(code);
        }
        lines.end = at;
        at += code === carriageReturn && text.charCodeAt(at + 1) === lineFeed ? 2 : 1;
        if (filled) return true;
      }
      return false;
    },
  };
  return lines;
}

/** What `trim` takes away. */
export function isSpace(code: number): boolean {
  if (code <= 127) return code === 32 || (code >= 9 && code <= 13);
  return /\s/.test(String.fromCharCode(code));
}
