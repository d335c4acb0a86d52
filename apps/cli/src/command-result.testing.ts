import { expect, vi } from 'vitest';

/** What a command prints as its result. */
export async function resultOf(command: () => Promise<number>): Promise<string> {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    expect(await command()).toBe(0);
    return out.mock.calls.map(([text]) => text).join('');
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
}
