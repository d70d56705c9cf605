/** A page with the shop's switches, for a browser on this machine and for curl. */
import { createServer } from 'node:http';

/**
 *     GET  /                      the page
 *     GET  /switches              the switches as JSON
 *     POST /switches/ID/on|off    turns one
 *
 * @param {{ switches: () => any[], set: (id: string, isOn: boolean) => boolean }} shop
 * @param {{ port: number, api: string }} options `api`: of the server, for the link to its signals
 */
export async function startSwitchPage(shop, { port, api }) {
  const server = createServer((request, response) => {
    // Another site's page must not switch anything through the visitor's browser.
    const isForeign = !/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? '');
    const origin = request.headers.origin;
    if (isForeign || (origin !== undefined && origin !== `http://${request.headers.host}`)) {
      response.writeHead(403).end('only from this machine\n');
      return;
    }
    const turn = /^\/switches\/([\w-]+)\/(on|off)$/.exec(request.url ?? '');
    if (request.method === 'POST' && turn !== null) {
      const [, id, state] = turn;
      const isKnown = shop.set(id, state === 'on');
      response.writeHead(isKnown ? 200 : 404, { 'content-type': 'text/plain' });
      response.end(isKnown ? `${id} is ${state}\n` : `no switch ${id}\n`);
    } else if (request.url === '/switches') {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(shop.switches()));
    } else if (request.url === '/') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(page(shop.switches(), api));
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function page(switches, api) {
  const rows = switches.map(
    ({ id, title, service, rule, isOn }) =>
      `<li><label><input type="checkbox" data-id="${id}"${isOn ? ' checked' : ''}> <b>${id}</b></label>` +
      `<p>${escaped(title)}. A bug of <i>${service}</i>, caught by <code>${rule}</code>.</p></li>`,
  );
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>The shop's bugs</title>
<style>body{font:16px/1.5 system-ui;max-width:46rem;margin:2rem auto;padding:0 1rem}li{list-style:none;margin:1rem 0}ul{padding:0}p{margin:.2rem 0 0 1.6rem;color:#555}</style>
<h1>The shop's bugs</h1>
<p>Switch one on, and watch the terminal or <a href="${api}/api/v1/signals">the signals</a>.</p>
<ul>${rows.join('')}</ul>
<script>
for (const box of document.querySelectorAll('input')) {
  box.onchange = () => fetch('/switches/' + box.dataset.id + '/' + (box.checked ? 'on' : 'off'), { method: 'POST' });
}
</script>
</html>
`;
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
