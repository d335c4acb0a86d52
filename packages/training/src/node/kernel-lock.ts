import { spawnSync } from 'node:child_process';

/**
 * Takes the system's exclusive lock (flock(2)) of an open file, without waiting. It belongs to the open
 * file and goes when the process does, however it ends. NFS from Linux 2.6.12 on, SMB and most file
 * systems of clusters carry it between machines.
 *
 * Node has no call for it. Linux has a program that locks a file which it is handed open: the lock stays
 * with the file that both have open, when the program has ended.
 *
 * @returns false where another has it; undefined where there is no such program, or the file system has
 * no such locks
 */
export function tryKernelLock(file: number): boolean | undefined {
  if (process.platform !== 'linux') return undefined;
  const { status } = spawnSync('flock', ['-n', '-x', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', file],
    // A file server that does not answer is no reason to wait for ever.
    timeout: 5000,
  });
  if (status === 0) return true;
  return status === 1 ? false : undefined;
}
