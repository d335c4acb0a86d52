import { createRequire } from 'node:module';
import os from 'node:os';
import { type BackendInfo, type JsonObject, TweedieError } from '@tweedie/core';
import pc from 'picocolors';
import { type BackendName, backendNames, openBackend } from 'tweedie';
import { exitCodes } from './failure.js';
import { writeResult } from './output.js';

/** What was found of one backend. */
interface Finding {
  readonly backend: BackendName;
  readonly works: boolean;
  readonly info?: BackendInfo;
  /** Why it does not work, and what to do. */
  readonly reason?: string;
}

interface Diagnosis {
  readonly version: string;
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly backends: readonly Finding[];
  /** What `--backend auto` takes. */
  readonly auto: BackendName | null;
}

/** Opens each backend, runs a small program on it, and says what was found. */
async function diagnose(): Promise<Diagnosis> {
  const backends: Finding[] = [];
  for (const backend of backendNames) backends.push(await tryBackend(backend));
  const manifest = createRequire(import.meta.url)('../package.json') as { version: string };
  return {
    version: manifest.version,
    node: process.version,
    platform: `${os.platform()} ${os.arch()}`,
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    backends,
    auto: backends.find((finding) => finding.works)?.backend ?? null,
  };
}

async function tryBackend(name: BackendName): Promise<Finding> {
  try {
    const backend = await openBackend(name);
    const info = backend.describe();
    await backend.dispose();
    return { backend: name, works: true, info };
  } catch (error) {
    const reason = TweedieError.isInstance(error) ? error.message : String(error);
    return { backend: name, works: false, reason };
  }
}

/** The diagnosis as lines for a person. */
function formatDiagnosis(diagnosis: Diagnosis): string {
  const lines = [
    `tweedie ${diagnosis.version}   node ${diagnosis.node}   ${diagnosis.platform}`,
    `${diagnosis.cpu}, ${diagnosis.cores} cores, ${diagnosis.memoryGiB} GiB`,
    '',
    'backends',
  ];
  for (const finding of diagnosis.backends) {
    const mark = finding.works ? pc.green('✓') : pc.red('✗');
    const text = finding.info ? describeInfo(finding.info) : (finding.reason ?? '');
    lines.push(`  ${mark} ${finding.backend.padEnd(6)} ${text}`);
  }
  lines.push(
    '',
    diagnosis.auto === null
      ? 'No backend works here: install the packages again.'
      : `--backend auto takes ${diagnosis.auto}.`,
  );
  return lines.join('\n');
}

function describeInfo(info: BackendInfo): string {
  const details = Object.entries(info.details as JsonObject).map(
    ([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : value}`,
  );
  return [`${info.kind} on ${info.device}`, ...details].join(' · ');
}

/** Says what works on this machine; fails when no backend does. */
export async function doctorCommand(flags: { readonly json?: boolean }): Promise<number> {
  const diagnosis = await diagnose();
  const text = flags.json ? JSON.stringify(diagnosis) : formatDiagnosis(diagnosis);
  writeResult(`${text}\n`);
  return diagnosis.auto === null ? exitCodes.failed : exitCodes.ok;
}
