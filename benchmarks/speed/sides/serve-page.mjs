import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';

const types = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };

/**
 * Serves a page with one script. It is cross-origin isolated, so that threads can share memory and
 * the clock is fine.
 *
 * @param folders the folders whose files are served under /files/NAME/, by name; may be added to
 * @returns the address
 */
export async function servePage(script, folders) {
  const server = createServer((request, response) => {
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    const { pathname } = new URL(request.url, 'http://localhost');
    if (pathname === '/') {
      response.setHeader('Content-Type', 'text/html');
      response.end('<!doctype html><script type="module" src="/script.js"></script>');
      return;
    }
    const path = pathname === '/script.js' ? script : fileOf(pathname, folders);
    if (path === undefined || statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
      response.statusCode = 404;
      response.end();
      return;
    }
    response.setHeader('Content-Type', types[extname(path)] ?? 'application/octet-stream');
    createReadStream(path).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${server.address().port}/`;
}

function fileOf(pathname, folders) {
  const [, folder, name] = /^\/files\/([\w-]+)\/([\w.-]+)$/.exec(pathname) ?? [];
  return folders[folder] === undefined ? undefined : join(folders[folder], name);
}
