import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';

/** What tells a process from all others: of this machine, of its containers, and of other machines. */
export interface ProcessIdentity {
  /** The name of the machine or container. */
  readonly host: string;
  /** The kernel's run from power-on to power-off; the host's name where it has no name for that. */
  readonly boot: string;
  /** The numbering that the pid belongs to, where there are several (containers); else ''. */
  readonly pidNamespace: string;
  readonly pid: number;
  /** When it started, in the system's own words, so that a later process with its pid is another. */
  readonly started: string;
}

/** This process. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  const host = hostname();
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'latin1').catch(() => host);
  return {
    host,
    boot: boot.trim(),
    pidNamespace: await readlink('/proc/self/ns/pid').catch(() => ''),
    pid: process.pid,
    started: (await lookUp(process.pid))?.started ?? '',
  };
}

/**
 * Whether a process runs. A stopped one (Ctrl-Z, SIGSTOP) does, one that was killed and not yet
 * collected by its parent does not.
 *
 * @returns undefined where it cannot be known from here: another machine, or another container
 */
export async function isRunning(
  identity: ProcessIdentity,
  own: ProcessIdentity,
): Promise<boolean | undefined> {
  if (identity.boot !== own.boot || identity.pidNamespace !== own.pidNamespace) return undefined;
  if (!exists(identity.pid)) return false;
  const found = await lookUp(identity.pid);
  // It may just have ended. Processes of other users may be hidden (hidepid).
  if (found === undefined) return exists(identity.pid);
  // Windows does not tell the start.
  if (found.started === '' || identity.started === '') return true;
  return found.started === identity.started && !found.ended;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

interface FoundProcess {
  readonly started: string;
  /** It has ended and waits for its parent to collect it. */
  readonly ended: boolean;
}

async function lookUp(pid: number): Promise<FoundProcess | undefined> {
  if (process.platform === 'win32') return undefined;
  return (await lookUpInProc(pid)) ?? (await lookUpByPs(pid));
}

/** proc(5): the state is the third field, the start in ticks since power-on the 22nd. */
async function lookUpInProc(pid: number): Promise<FoundProcess | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined);
  if (stat === undefined) return undefined;
  // The second field is the command's name in parentheses, which may hold spaces and parentheses.
  const [state = '', ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { started: rest[18] ?? '', ended: 'ZXx'.includes(state) };
}

const run = promisify(execFile);

/** Where there is no /proc: macOS and the BSDs. */
export async function lookUpByPs(pid: number): Promise<FoundProcess | undefined> {
  const env = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
  const args = ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)];
  const result = await run('ps', args, { env, timeout: 5000 }).catch(() => undefined);
  const [, state, started] = /^\s*(\S+)\s+(.*\S)\s*$/.exec(result?.stdout ?? '') ?? [];
  return state && started ? { started, ended: state.startsWith('Z') } : undefined;
}
