import { createAnswers } from './answers.mjs';
import { readWorkload } from './read-workload.mjs';

/** What the address of the page says of how the side is to run. */
export const threads = Number(new URLSearchParams(location.search).get('threads'));

/** Makes a side answer to browser.mjs, which knows what the page's process spends. */
export function answerInPage(side) {
  const unknown = () => undefined;
  const answers = createAnswers(side, { processorTime: unknown, peakMemory: unknown });
  const open = async ({ folder }) => {
    const fetched = async (name) => fetch(`${folder}/${name}`);
    const workload = await (await fetched('workload.json')).json();
    const bytes = await (await fetched('arrays.bin')).arrayBuffer();
    return answers.open(readWorkload(workload, new Float32Array(bytes)));
  };
  const actions = { ...answers, open };
  globalThis.answer = (request) => actions[request.do](request);
}
