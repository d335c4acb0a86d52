import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TweedieError } from '@tweedie/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listCheckpoints } from './checkpoint-folder.js';
import { isRunning, lookUpByPs, ownIdentity } from './process-identity.js';
import { openRunFolder } from './run-folder.js';
import { lockRunFolder } from './run-lock.js';
import { startWriter, type Writer } from './writer.testing.js';

let base: string;
let run: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'tweedie-lock-'));
  run = join(base, 'run');
});
afterEach(() => rm(base, { recursive: true, force: true }));

async function failure(work: Promise<unknown>): Promise<TweedieError> {
  const error: unknown = await work.then(
    () => undefined,
    (cause) => cause,
  );
  if (TweedieError.isInstance(error)) return error;
  throw error ?? new Error('nothing was thrown');
}
const lockFiles = async () => (await readdir(run)).filter((name) => name.startsWith('.lock'));

describe('two processes', () => {
  let writers: Writer[];
  beforeAll(async () => {
    writers = await Promise.all([startWriter(), startWriter()]);
  });
  afterAll(() => Promise.all(writers.map((writer) => writer.kill())));

  const race = async (path: string) => {
    const answers = await Promise.all(writers.map((writer) => writer.ask({ do: 'open', path })));
    const winners = writers.filter((_, i) => answers[i]!.code === undefined);
    expect(answers.map(({ message }) => message).filter(Boolean)).toHaveLength(1);
    const refused = answers.find(({ code }) => code !== undefined)!;
    expect(refused).toMatchObject({ code: 'LOCKED' });
    return { winner: winners[0]!, message: refused.message! };
  };

  it('that start one new run: one of them does, 100 times of 100', async () => {
    for (let round = 0; round < 100; round++) {
      const { winner, message } = await race(join(base, `new-${round}`));
      expect(message).toContain(`is being written by process ${winner.pid} on `);
      await winner.ask({ do: 'close' });
    }
  });

  it('that take over a run whose holder is dead: one of them does, 100 times of 100', async () => {
    await (await openRunFolder(run, { name: 'test' })).close();
    const dead = { ...(await ownIdentity()), kernel: false, started: 'long ago' };
    for (let round = 0; round < 100; round++) {
      const id = round.toString(16).padStart(16, '0');
      const record = { ...dead, id, since: '2026-01-01T00:00:00.000Z' };
      await writeFile(join(run, '.lock'), JSON.stringify(record));
      const { winner, message } = await race(run);
      expect(message).toContain(`process ${winner.pid} on `);
      expect(await lockFiles()).toEqual(['.lock']);
      await winner.ask({ do: 'close' });
      expect(await lockFiles()).toEqual([]);
    }
  });

  it('that write by turns: no line twice, and no later checkpoint removed', async () => {
    for (let step = 1; step <= 20; step++) {
      const { winner } = await race(run);
      const [loser] = writers.filter((writer) => writer !== winner);
      await winner.ask({ do: 'append', step });
      expect(await winner.ask({ do: 'save', step })).toEqual({});
      expect((await loser!.ask({ do: 'open', path: run })).code).toBe('LOCKED');
      await winner.ask({ do: 'close' });
    }
    const lines = (await readFile(join(run, 'metrics.jsonl'), 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).step)).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
    expect(await listCheckpoints(join(run, 'checkpoints'))).toEqual([20, 19]);
  });
});

describe('a holder', () => {
  it('that was killed with SIGKILL is gone at once', async () => {
    for (let round = 0; round < 3; round++) {
      const holder = await startWriter();
      expect(await holder.ask({ do: 'open', path: run })).toEqual({});
      await holder.kill();
      expect(await lockFiles()).toEqual(['.lock']);
      await (await openRunFolder(run, { name: 'test' }, { resume: true })).close();
      expect(await lockFiles()).toEqual([]);
    }
  });

  it('that stands still keeps the run, and goes on', async () => {
    const holder = await startWriter();
    try {
      await holder.ask({ do: 'open', path: run });
      holder.signal('SIGSTOP');
      const error = await failure(openRunFolder(run, { name: 'test' }, { resume: true }));
      expect(error.code).toBe('LOCKED');
      expect(error.message).toContain(`process ${holder.pid} on `);
      expect(error.message).toContain('Fix: wait until that process ends or end it');
      holder.signal('SIGCONT');
      expect(await holder.ask({ do: 'save', step: 1 })).toEqual({});
    } finally {
      await holder.kill();
    }
  });

  it('is not a later process with its pid', async () => {
    const lock = await openRunFolder(run, { name: 'test' });
    const path = join(run, '.lock');
    const record = JSON.parse(await readFile(path, 'utf8'));
    expect(record.pid).toBe(process.pid);
    await lock.close();
    await writeFile(path, JSON.stringify({ ...record, started: `${record.started}0` }));
    await (await openRunFolder(run, { name: 'test' }, { resume: true })).close();
  });

  it('may be this process, which opens a run once at a time', async () => {
    const first = await openRunFolder(run, { name: 'test' });
    const error = await failure(openRunFolder(run, { name: 'test' }, { resume: true }));
    expect(error.message).toContain(`process ${process.pid} on `);
    await first.close();
    await (await openRunFolder(run, { name: 'test' }, { resume: true })).close();
  });

  it('whose lock was removed writes no checkpoint, and removes no lock of another', async () => {
    const [first, second] = await Promise.all([startWriter(), startWriter()]);
    try {
      await first.ask({ do: 'open', path: run });
      await first.ask({ do: 'save', step: 1 });
      await rm(join(run, '.lock'));
      expect(await second.ask({ do: 'open', path: run })).toEqual({});
      for (const step of [2, 3, 4]) await second.ask({ do: 'save', step });
      const refused = await first.ask({ do: 'save', step: 2 });
      expect(refused.code).toBe('LOCKED');
      expect(refused.message).toContain('is no longer the lock of this process');
      expect(await listCheckpoints(join(run, 'checkpoints'))).toEqual([4, 3]);
      await first.ask({ do: 'close' });
      expect(await lockFiles()).toEqual(['.lock']);
      expect(await second.ask({ do: 'save', step: 5 })).toEqual({});
    } finally {
      await Promise.all([first.kill(), second.kill()]);
    }
  });
});

describe('a holder that cannot be asked', () => {
  const hold = async (change: object, silentFor = 0) => {
    const record = {
      ...(await ownIdentity()),
      id: '0123456789abcdef',
      since: '2026-01-01T00:00:00.000Z',
      kernel: false,
      ...change,
    };
    const path = join(base, '.lock');
    await writeFile(path, JSON.stringify(record));
    const at = new Date(Date.now() - 1000 * silentFor);
    await utimes(path, at, at);
  };
  const elsewhere = { boot: 'another', host: 'cluster-7' };

  it('on another machine holds until it was silent for two minutes', async () => {
    await hold(elsewhere, 110);
    const error = await failure(lockRunFolder(base));
    expect(error.message).toContain('on cluster-7, since 2026-01-01T00:00:00.000Z');
    expect(error.message).toContain('try again two minutes after its end');
    await hold(elsewhere, 130);
    await (await lockRunFolder(base)).release();
  });

  it('on another machine whose flock looks free holds too: not every mount carries it', async () => {
    await hold({ ...elsewhere, kernel: true }, 110);
    expect((await failure(lockRunFolder(base))).code).toBe('LOCKED');
  });

  it('is of before this machine was switched on, where it is silent since', async () => {
    await hold({ boot: 'another' }, 1e9);
    await (await lockRunFolder(base)).release();
  });

  it.runIf(process.platform === 'linux')(
    'in another container is there as long as its flock is',
    async () => {
      const lock = await lockRunFolder(base);
      const path = join(base, '.lock');
      const record = JSON.parse(await readFile(path, 'utf8'));
      expect(record.kernel).toBe(true);
      // The same file, seen from another numbering of processes, and silent for long.
      await writeFile(path, JSON.stringify({ ...record, pidNamespace: 'another' }));
      await utimes(path, new Date(0), new Date(0));
      expect((await failure(lockRunFolder(base))).code).toBe('LOCKED');
      await lock.release();
      await hold({ pidNamespace: 'another', kernel: true });
      await (await lockRunFolder(base)).release();
    },
  );

  it('and does not say who it is holds until it was silent for two minutes', async () => {
    for (const text of ['', '{"id":"../../x"}', 'null', '\u001b[2J', 'x'.repeat(1e6)]) {
      await writeFile(join(base, '.lock'), text);
      const { message } = await failure(lockRunFolder(base));
      expect(message).toContain('another process, which does not say who it is');
      await utimes(join(base, '.lock'), new Date(0), new Date(0));
      await (await lockRunFolder(base)).release();
      expect(await readdir(base)).toEqual([]);
    }
  });

  it('is no symbolic link', async () => {
    await writeFile(join(base, 'mine'), 'mine');
    await symlink(join(base, 'mine'), join(base, '.lock'));
    const error = await failure(lockRunFolder(base));
    expect(error.message).toContain(".lock' is a symbolic link");
    expect(await readFile(join(base, 'mine'), 'utf8')).toBe('mine');
  });
});

describe('what killed processes left of taking a lock', () => {
  it('is passed over and removed', async () => {
    const dead = { ...(await ownIdentity()), started: 'long ago', kernel: false };
    const since = '2026-01-01T00:00:00.000Z';
    const record = (id: string) => JSON.stringify({ ...dead, id: id.repeat(16), since });
    await writeFile(join(base, '.lock'), record('a'));
    await writeFile(join(base, `.lock.${'a'.repeat(16)}`), record('b'));
    await writeFile(join(base, `.lock.${'a'.repeat(16)}.${'b'.repeat(16)}`), record('c'));
    await writeFile(join(base, `.lock.${'d'.repeat(16)}.new`), record('d'));
    const lock = await lockRunFolder(base);
    expect(await readdir(base)).toEqual(['.lock']);
    await lock.release();
    expect(await readdir(base)).toEqual([]);
  });
});

describe.runIf(process.platform === 'linux')('the command flock', () => {
  const replaceBy = async (script: string) => {
    const path = join(base, 'bin');
    await mkdir(path);
    await writeFile(join(path, 'flock'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return startWriter({ PATH: path });
  };

  it.each([
    ['that is not there', 'exit 127'],
    ['of a file system without such locks', 'exit 65'],
    ['of busybox, which says the same of both', 'exit 1'],
  ])('%s is done without', async (_what, script) => {
    const holder = await replaceBy(script);
    expect(await holder.ask({ do: 'open', path: run })).toEqual({});
    expect(JSON.parse(await readFile(join(run, '.lock'), 'utf8')).kernel).toBe(false);
    expect((await failure(lockRunFolder(run))).code).toBe('LOCKED');
    await holder.kill();
    await (await lockRunFolder(run)).release();
  });

  it('during which a process is killed leaves nothing that lasts', async () => {
    const killed = await replaceBy('kill -9 $PPID');
    expect((await killed.ask({ do: 'open', path: run })).code).toBe('ENDED');
    expect(await lockFiles()).toHaveLength(1);
    await (await lockRunFolder(run)).release();
    expect(await lockFiles()).toEqual([]);
  });
});

describe('isRunning', () => {
  it('knows this process, and by ps the same start as long as it runs', async () => {
    const own = await ownIdentity();
    expect(await isRunning(own, own)).toBe(true);
    expect(await isRunning({ ...own, pid: 2 ** 22 + 1 }, own)).toBe(false);
    expect(await isRunning({ ...own, boot: 'another' }, own)).toBeUndefined();
    expect(await isRunning({ ...own, pidNamespace: 'another' }, own)).toBeUndefined();
  });

  it.runIf(process.platform !== 'win32')('asks ps where there is no /proc', async () => {
    const found = await lookUpByPs(process.pid);
    expect(found).toMatchObject({ ended: false });
    expect(found?.started).toMatch(/^\w{3} \w{3} +\d+ [\d:]{8} \d{4}$/);
    expect(await lookUpByPs(process.pid)).toEqual(found);
  });
});
