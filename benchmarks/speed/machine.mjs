import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';

/** The machine on which the numbers were measured, one property a line. */
export function describeMachine() {
  return {
    processor: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores, ${process.arch}`,
    instructions: vectorInstructions(),
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${release()}`,
    node: process.version,
    load: loadavg()
      .map((load) => load.toFixed(2))
      .join(' '),
  };
}

/** The vector instructions that decide which kernels the libraries pick; Linux only. */
function vectorInstructions() {
  const flags = /^flags\s*:(.*)$/m.exec(read('/proc/cpuinfo') ?? '')?.[1]?.split(' ') ?? [];
  const known = ['avx2', 'fma', 'avx512f', 'avx512_vnni', 'avx512_bf16', 'amx_tile'];
  return flags.length === 0 ? 'unknown' : known.filter((flag) => flags.includes(flag)).join(' ');
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Processor seconds spent so far: by the whole machine, taken by the hypervisor, and by this process
 * and those of `pids`. Undefined where there is no /proc.
 */
function processorSeconds(pids) {
  const total = read('/proc/stat')?.split('\n')[0]?.trim().split(/\s+/).slice(1).map(Number);
  if (total === undefined) return undefined;
  const [user, nice, system, , , irq, softirq, steal = 0] = total;
  const own = [process.pid, ...pids].reduce((sum, pid) => {
    // The name, in brackets, may hold spaces; user and system time are 11 and 12 fields after it.
    const fields = read(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ');
    return fields === undefined ? sum : sum + Number(fields[11]) + Number(fields[12]);
  }, 0);
  const ticks = 100;
  return {
    all: (user + nice + system + irq + softirq) / ticks,
    steal: steal / ticks,
    own: own / ticks,
  };
}

/**
 * Measures how many cores other processes keep busy while the given ones run.
 *
 * @returns a function that ends the measurement; it returns undefined where there is no /proc
 */
export function watchOthers(pids) {
  const before = processorSeconds(pids);
  const begin = performance.now();
  return () => {
    const after = processorSeconds(pids);
    if (before === undefined || after === undefined) return undefined;
    const seconds = (performance.now() - begin) / 1000;
    const own = after.own - before.own;
    return {
      coresOfOthers: Math.max(0, after.all - before.all - own) / seconds,
      coresStolen: (after.steal - before.steal) / seconds,
    };
  };
}
