import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const types: Readonly<Record<string, string>> = {
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** The folder of onnxruntime-web that has to be served. */
const runtimeFolder = dirname(fileURLToPath(import.meta.resolve('onnxruntime-web/wasm')));

export interface PageServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * One page with one script, and the files of onnxruntime-web under /ort/.
 *
 * @param isolated whether the page is cross-origin isolated, so that memory can be shared
 */
export async function servePage(script: string, isolated: boolean): Promise<PageServer> {
  const isolation = {
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
  };
  const server = createServer((request, response) => {
    if (isolated) for (const header of Object.entries(isolation)) response.setHeader(...header);
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const file = join(runtimeFolder, path.slice('/ort/'.length));
    if (path === '/') {
      response.setHeader('Content-Type', 'text/html');
      response.end('<!doctype html><script type="module" src="/page.js"></script>');
    } else if (path === '/page.js') {
      response.setHeader('Content-Type', 'text/javascript');
      response.end(script);
    } else if (/^\/ort\/[\w.-]+$/.test(path) && existsSync(file)) {
      response.setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream');
      createReadStream(file).pipe(response);
    } else {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
