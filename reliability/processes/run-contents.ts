import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Everything that a run folder holds, file by file; speeds, which time decides, left out. */
export type RunContents = ReadonlyMap<string, Buffer>;

export async function readRunContents(folder: string): Promise<RunContents> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const contents = new Map<string, Buffer>();
  const files = entries.filter((entry) => !entry.isDirectory());
  for (const { parentPath, name } of files) {
    const path = join(parentPath, name);
    const bytes = await readFile(path);
    contents.set(
      path.slice(folder.length + 1),
      name === 'metrics.jsonl' ? withoutSpeeds(bytes) : bytes,
    );
  }
  return contents;
}

function withoutSpeeds(metrics: Buffer): Buffer {
  return Buffer.from(
    metrics.toString().replaceAll(/"itemsPerSecond":[^,}]*/g, '"itemsPerSecond":0'),
  );
}

/** How two run folders differ, a line a file; none when they are the same byte for byte. */
export function runDifferences(expected: RunContents, found: RunContents): readonly string[] {
  const names = new Set([...expected.keys(), ...found.keys()]);
  return [...names].sort().flatMap((name) => {
    const [before, after] = [expected.get(name), found.get(name)];
    if (before === undefined) return `${name} should not be there`;
    if (after === undefined) return `${name} is missing`;
    return before.equals(after) ? [] : `${name} differs`;
  });
}
