// The side of plain tfjs in a browser, on its wasm backend.
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import '@tensorflow/tfjs-backend-cpu';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { answerInPage, threads } from './answer-in-page.mjs';
import { createSide } from './tfjs-side.mjs';

setWasmPaths('/files/tfjs-backend-wasm/');
setThreadsCount(threads);
answerInPage(createSide('wasm', { threads }));
