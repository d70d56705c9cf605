/** The page of the demonstration's switches: who may turn them. */
import { request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const MODULE = join(fileURLToPath(new URL('../..', import.meta.url)), 'examples/shop/live/switch-page.mjs');

function status(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end();
  });
}

it('a switch is turned from this machine, and by no page of another site', async () => {
  const { startSwitchPage } = await import(MODULE);
  const turned: string[] = [];
  const shop = {
    switches: () => [],
    set: (id: string, isOn: boolean) => id === 'one' && turned.push(`${id} ${isOn}`) > 0,
  };
  const page = await startSwitchPage(shop, { port: 0, api: '' });
  const { host } = new URL(page.url);
  const path = `${page.url}switches/one/on`;
  expect(await status(path, {})).toBe(200);
  expect(await status(path, { origin: `http://${host}` })).toBe(200);
  expect(await status(`${page.url}switches/other/on`, {})).toBe(404);
  expect(turned).toEqual(['one true', 'one true']);
  for (const origin of ['null', 'https://elsewhere.example', `https://${host}`, '']) {
    expect(await status(path, { origin })).toBe(403);
  }
  expect(await status(path, { host: 'elsewhere.example' })).toBe(403);
  expect(turned).toHaveLength(2);
  page.close();
});
