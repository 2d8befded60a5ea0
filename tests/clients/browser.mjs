// A page in Chromium, of another origin than Troupe and with a strict policy.
import { createServer } from 'node:http';
import { execFileSync } from 'node:child_process';
import { chromium } from 'playwright-core';

// Serves what `answer(path)` gives ({ type, body }) under the policy.
export async function serve(policy, answer) {
  const server = createServer((request, response) => {
    const { type, body } = answer(request.url) ?? {};
    response.writeHead(body === undefined ? 204 : 200, {
      'content-type': type ?? 'text/plain',
      'content-security-policy': policy });
    response.end(body);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { origin: `http://127.0.0.1:${server.address().port}`, server };
}

// A browser that reaches nothing but this machine.
export function launch() {
  const executablePath = execFileSync('sh', ['-c', 'command -v chromium'])
    .toString().trim();
  return chromium.launch({ executablePath, args: ['--no-sandbox',
    '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1'] });
}

// What goes wrong on a page: errors of the console, of scripts, of the policy.
export function watch(page) {
  const wrong = [];
  page.on('console', (message) => {
    if (message.type() === 'error') wrong.push(message.text());
  });
  page.on('pageerror', (fault) => wrong.push(String(fault)));
  return wrong;
}
