import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  writeSync,
} from 'node:fs';
import { link, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { TweedieError } from '@tweedie/core';
import { withIo } from './io-error.js';
import { tryKernelLock } from './kernel-lock.js';
import { encodeRecord, type FoundRecord, type LockRecord, readRecord } from './lock-record.js';
import { isRunning, ownIdentity } from './process-identity.js';
import { openRegularFile } from './regular-file.js';

const lockName = '.lock';
/** How often a holder shows that it lives, in milliseconds. */
const signInterval = 15_000;
/** After how long without such a sign a holder that cannot be asked counts as gone. */
const silenceLimit = 120_000;

/** The right to write a run folder. */
export interface RunLock {
  /**
   * Makes sure that the lock is still this one, before what cannot be taken back.
   *
   * @throws TweedieError LOCKED when someone removed it or took it
   */
  check(): Promise<void>;
  release(): Promise<void>;
}

/** True for the lock and for what is made for a moment when it is taken. */
export function isLockFile(name: string): boolean {
  return name === lockName || name.startsWith(`${lockName}.`);
}

/**
 * Makes this process the one that writes a folder, by a file `.lock` in it. Readers need none.
 *
 * The file names its holder, is made where there is none in one operation (link(2), or O_EXCL), and is
 * replaced when its holder is gone. Whoever replaces it takes first the lock `.lock.ID`, where ID is that
 * of the holder that is gone, in the same way, and looks once more: so of any number that find a dead
 * holder at the same time one gets the lock.
 *
 * **On one machine** a holder that ended, by SIGKILL too, is gone at once; one that is stopped (SIGSTOP)
 * holds on; a later process with the pid of a dead one does not hold. On Linux, macOS and the BSDs that is
 * known from the pid and the start of the process, between containers on Linux from the system's lock
 * (flock) of the file. Windows tells no start: there a recycled pid holds until the file is removed.
 *
 * **Between machines** (NFS, SMB, file systems of clusters) taking the lock is as atomic as link(2) and
 * O_EXCL are there, which NFS promises from version 3 on. A holder on another machine is gone when its
 * flock is free, where the file system carries that, and it gave no sign of life for two minutes: it
 * writes into the file every 15 s, and both times are the server's own. A machine that was switched off
 * and on knows its own holders of the time before as gone.
 *
 * **What it cannot do:** keep out programs that do not ask for it; know a holder on another machine that
 * stands still for two minutes from a dead one. Such a holder finds out when it goes on (`check`), and
 * writes no checkpoint any more.
 *
 * @throws TweedieError LOCKED, which names the holder; IO
 */
export async function lockRunFolder(folder: string): Promise<RunLock> {
  const path = join(folder, lockName);
  return withIo(`locking the folder '${folder}'`, async () => {
    const own = await createRecord(folder);
    try {
      const holder = await take(path, own);
      if (holder !== undefined) throw heldError(folder, path, holder, own.record);
    } catch (cause) {
      closeSync(own.file);
      throw cause;
    } finally {
      await rm(own.path, { force: true });
    }
    await removeLeftovers(folder, own);
    return holdLock(folder, path, own);
  });
}

/** The record of this process in a file of its own, before it takes its place. */
interface OwnRecord {
  readonly path: string;
  readonly record: LockRecord;
  /** Open as long as the lock is held, for it carries the system's lock. */
  readonly file: number;
  /** When it was written, by the clock of the file system. */
  readonly writtenAt: number;
}

async function createRecord(folder: string): Promise<OwnRecord> {
  const id = randomBytes(8).toString('hex');
  const path = join(folder, `${lockName}.${id}.new`);
  const file = openSync(path, 'wx+');
  try {
    const since = new Date().toISOString();
    const unlocked: LockRecord = { id, since, kernel: false, ...(await ownIdentity()) };
    // First of all, so that it is known whose it is where this process is killed in between.
    writeSync(file, encodeRecord(unlocked));
    const record = { ...unlocked, kernel: tryKernelLock(file) === true };
    ftruncateSync(file);
    writeSync(file, encodeRecord(record), 0);
    // A lock that a power failure left empty would not say that its holder is gone.
    fsyncSync(file);
    return { path, record, file, writtenAt: fstatSync(file).mtimeMs };
  } catch (cause) {
    closeSync(file);
    await rm(path, { force: true });
    throw cause;
  }
}

/** Takes a lock. @returns undefined when it is taken, else who has it */
async function take(path: string, own: OwnRecord): Promise<FoundRecord | undefined> {
  let found: FoundRecord | undefined;
  // Each round is one in which another process took the lock or let it go.
  for (let round = 0; round < 100; round++) {
    if (await place(path, own)) return undefined;
    found = await readRecord(path);
    if (found === undefined) continue;
    if (await isHeld(found, own)) return found;
    const claim = `${path}.${found.id}`;
    const rival = await take(claim, own);
    if (rival !== undefined) return rival;
    // While the claim is held nobody else replaces this holder's record.
    if ((await readRecord(path))?.id === found.id) {
      await rename(claim, path);
      return undefined;
    }
    await rm(claim, { force: true });
  }
  return found ?? { path, id: '', record: undefined, writtenAt: own.writtenAt };
}

/** Puts the own record where nothing is. @returns false when something is there */
async function place(path: string, own: OwnRecord): Promise<boolean> {
  try {
    await link(own.path, path);
    return true;
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code)) throw cause;
  }
  // A file system without links. The system's lock stays with the other file.
  try {
    await writeFile(path, encodeRecord({ ...own.record, kernel: false }), { flag: 'wx' });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cause;
  }
}

/** Whether the holder is there, as far as it can be known. */
async function isHeld({ path, record, writtenAt }: FoundRecord, own: OwnRecord): Promise<boolean> {
  const silence = own.writtenAt - writtenAt;
  if (record === undefined) return silence < silenceLimit;
  const running = await isRunning(record, own.record);
  if (running !== undefined) return running;
  const locked = record.kernel ? await isKernelLocked(path) : undefined;
  if (locked === true) return true;
  // Between machines this says too little: some mounts keep the system's locks to one (local_lock=flock),
  // and a file server does not see its clients' among its own.
  if (locked === false && record.boot === own.record.boot) return false;
  // No sign of life since this machine was switched on: the holder is of the time before.
  if (record.host === own.record.host && silence > 1000 * uptime()) return false;
  return silence < silenceLimit;
}

/** @returns undefined where it cannot be known */
async function isKernelLocked(path: string): Promise<boolean | undefined> {
  // NFS gives an exclusive lock of a file that is open for writing only.
  const file = await openRegularFile(path, constants.O_RDWR)
    .catch(() => openRegularFile(path, constants.O_RDONLY))
    .catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const taken = tryKernelLock(file.fd);
    return taken === undefined ? undefined : !taken;
  } finally {
    await file.close();
  }
}

/** Removes what takings left that were killed in the middle. */
async function removeLeftovers(folder: string, own: OwnRecord): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!isLockFile(name) || name === lockName) continue;
    const path = join(folder, name);
    const found = await readRecord(path).catch(() => undefined);
    if (found !== undefined && !(await isHeld(found, own))) await rm(path, { force: true });
  }
}

function holdLock(folder: string, path: string, { record, file }: OwnRecord): RunLock {
  /** Whether the file is still this record; where it cannot be read, it is not known to be another. */
  const isOwn = async () => (await readRecord(path))?.id === record.id;
  const showLife = async () => {
    if (!(await isOwn())) return;
    const handle = await openRegularFile(path, constants.O_WRONLY);
    // The file keeps its bytes; its time becomes the server's.
    await handle.write('{', 0).finally(() => handle.close());
  };
  const timer = setInterval(() => void showLife().catch(() => undefined), signInterval);
  timer.unref();
  return {
    async check() {
      if (await withIo(`reading '${path}'`, isOwn)) return;
      throw new TweedieError({
        code: 'LOCKED',
        package: 'training',
        given: `'${path}' is no longer the lock of this process: it was removed, or taken after two minutes without a sign of life`,
        fix: `end other processes that write '${folder}', then go on with resume`,
      });
    },
    async release() {
      clearInterval(timer);
      try {
        if (await isOwn().catch(() => false)) await rm(path, { force: true });
      } finally {
        closeSync(file);
      }
    },
  };
}

function heldError(
  folder: string,
  path: string,
  { record }: FoundRecord,
  own: LockRecord,
): TweedieError {
  const elsewhere =
    record !== undefined && (record.boot !== own.boot || record.pidNamespace !== own.pidNamespace);
  const holder =
    record === undefined
      ? 'another process, which does not say who it is'
      : `process ${record.pid} on ${record.host}, since ${record.since}`;
  const gone = `if it is gone, try again two minutes after its end, or remove '${path}'`;
  return new TweedieError({
    code: 'LOCKED',
    package: 'training',
    given: `'${folder}' is being written by ${holder}`,
    allowed: 'one process that writes a run, any number that read it',
    fix: `wait until that process ends or end it, or choose another folder${
      record === undefined || elsewhere ? `; ${gone}` : ''
    }`,
  });
}
