import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createAnswers } from './answers.mjs';
import { readWorkload } from './read-workload.mjs';

/**
 * Answers the runner: a request is a JSON line on stdin, a reply a JSON line on stdout. Requests are
 * those of answers.mjs; `open` names the folder of the workload, {do: 'open', folder}.
 */
export async function serve(side) {
  const answers = createAnswers(side, { processorTime, peakMemory });
  const open = ({ folder }) => {
    const bytes = readFileSync(join(folder, 'arrays.bin'));
    return answers.open(
      readWorkload(
        JSON.parse(readFileSync(join(folder, 'workload.json'), 'utf8')),
        new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4),
      ),
    );
  };
  await serveActions({ ...answers, open });
}

/** The same for a program that has its own way to answer, and something to do when it ends. */
export async function serveActions(actions, end = () => {}) {
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    let reply;
    try {
      reply = await actions[request.do](request);
    } catch (error) {
      reply = { error: error.message };
    }
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
  await end();
  process.exit(0);
}

function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * The peak resident memory of a process in bytes, undefined but on Linux. For this process
 * resourceUsage() would not do: its count begins with what the parent had.
 */
export function peakMemory(pid = 'self') {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)[1]) * 1024;
  } catch {
    return undefined;
  }
}
