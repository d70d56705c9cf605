import { describe, expect, it } from 'vitest';
import { checkShape } from '../invariant/shape/check-shape.ts';
import { readYaml } from '../invariant/yaml/read-yaml.ts';
import { NOTIFY_SHAPE } from './configuration-shape.ts';
import { readReceivers } from './read-receivers.ts';

const SECRETS = {
  env: {
    SLACK: 'https://hooks.slack.example/secret',
    KEY: 'k',
    TOKEN: 'Bearer t',
    BAD: 'not an address',
    LINES: 'a\nb',
  },
  readFile: (path: string) => (path === '/run/secrets/hook' ? 'https://hook.example/\n' : null),
};

function read(text: string) {
  const source = { name: 'fluo.yaml', text };
  const { root, diagnostics } = readYaml(source);
  if (root === null || diagnostics.length > 0) throw new Error(JSON.stringify(diagnostics));
  const shape = checkShape(source, root, NOTIFY_SHAPE, 'notify');
  const reading = readReceivers(source, root, SECRETS);
  const said = [...shape, ...reading.diagnostics].map(
    ({ code, message, range }) => `${code} ${message} @${source.text.slice(range?.start, range?.end)}`,
  );
  return { receivers: reading.receivers, said };
}

describe('notify:', () => {
  it('names receivers, and where their secrets are', () => {
    const { receivers, said } = read(`
- { name: team, type: slack, url_env: SLACK, min_severity: high, send_retractions: false }
- name: ops
  type: webhook
  url_file: /run/secrets/hook
  secret_env: KEY
  headers: { X-Team: ops }
  headers_env: { Authorization: TOKEN }
  send_resolved: true
`);
    expect(said).toEqual([]);
    expect(receivers).toEqual([
      {
        type: 'slack',
        name: 'team',
        url: 'https://hooks.slack.example/secret',
        minSeverity: 'high',
        sendRetractions: false,
        sendResolved: false,
        sendAuditOnly: true,
      },
      {
        type: 'webhook',
        name: 'ops',
        url: 'https://hook.example/',
        minSeverity: 'low',
        sendRetractions: true,
        sendResolved: true,
        sendAuditOnly: true,
        headers: { 'x-team': 'ops', authorization: 'Bearer t' },
        secret: 'k',
      },
    ]);
  });

  it('says all that is wrong, and no secret', () => {
    const { receivers, said } = read(`
- { name: a, type: slack, url_env: NOT_SET }
- { name: b, type: slack, url_env: BAD }
- { name: c, type: webhook, url_file: nowhere }
- { name: c, type: slack, url: "https://x.example", headers: { a: b } }
- { name: d, type: webhook }
- { name: e, type: pager, url: "https://x.example" }
- { name: g, type: webhook, url: "https://ada:secret@x.example" }
- { name: h, type: webhook, url: "https://x.example", headers_env: { X-Key: LINES } }
- { name: f, type: slack, url: "https://x.example", url_env: SLACK }
`);
    expect(receivers).toEqual([]);
    expect(said).toEqual([
      'FL305 `d` has none of `url`, `url_env`, `url_file` @name',
      'FL307 `type` knows no `pager` @pager',
      'FL305 `f` has more than one of `url`, `url_env`, `url_file` @name',
      'FL860 the environment variable `NOT_SET` is not set @NOT_SET',
      'FL861 what `url_env` points to is no address of a webhook @BAD',
      'FL860 the file `nowhere` of `url_file` cannot be read, or is empty @nowhere',
      'FL862 two receivers are named `c` @c',
      'FL862 `headers` is of a `webhook`, and this receiver is a `slack` @{ a: b }',
      'FL861 the address of `url` has a user or a password in it @"https://ada:secret@x.example"',
      'FL863 the value of the header `x-key` has characters that no header can have @{ X-Key: LINES }',
    ]);
  });
});
