/** A module of plug-ins that was imported: the name that it was asked for, and its file. */
interface Imported {
  readonly module: string;
  readonly filename: string;
}

/** What this process has imported from outside, so that a fault of it is not taken for one of Tweedie. */
const imported: Imported[] = [];

export function rememberPlugin(plugin: Imported): void {
  imported.push(plugin);
}

/** Where an error arose in a file, as 'line 3, column 7'; undefined where neither message nor stack says. */
export function placeIn(filename: string, error: unknown): string | undefined {
  const { message = '', stack = '' } = (error ?? {}) as Partial<Error>;
  const text = `${message}\n${stack}`;
  const at = text.indexOf(`${filename}:`);
  if (at < 0) return undefined;
  const [, line, column] = /^:(\d+)(?::(\d+))?/.exec(text.slice(at + filename.length)) ?? [];
  if (line === undefined) return undefined;
  return `line ${line}${column === undefined ? '' : `, column ${column}`}`;
}

/** Whose fault an unexpected error is, as far as its stack says. */
export function blame(error: unknown): string {
  for (const { module, filename } of imported) {
    const place = placeIn(filename, error);
    if (place !== undefined) return `It arose in the plug-ins of '${module}', ${place}.`;
  }
  const names = imported.map(({ module }) => `'${module}'`).join(' or ');
  return names === ''
    ? 'This is a fault of Tweedie.'
    : `This is a fault of a plug-in of ${names}, or of Tweedie.`;
}
