import { describe, expect, it } from 'vitest';
import { EXIT } from '../exit-code.ts';
import { runInMemory } from '../testing/run-in-memory.ts';

describe('fluo serve', () => {
  it.each<[string[], string, string]>([
    [['--http', 'localhost'], 'FL800', '--http 127.0.0.1:4318'],
    [['--grpc', '4317'], 'FL800', '--grpc 127.0.0.1:4317'],
    [['--http', '127.0.0.1:70000'], 'FL800', 'off'],
    [['--api', 'off'], 'FL800', '--api 127.0.0.1:4318'],
    [['--http', 'off', '--grpc', 'off'], 'FL801', '--grpc off'],
    [['--htpp', 'x'], 'FL702', '--http'],
  ])('refuses %j before anything is opened', async (options, code, help) => {
    const outcome = await runInMemory(['serve', ...options]);
    expect(outcome.code).toBe(EXIT.usage);
    expect(outcome.stderr).toContain(code);
    expect(outcome.stderr).toContain(help);
  });

  it.each<[string, string, string]>([
    ['serve: { grcp: { listen: "127.0.0.1:4317" } }', 'FL304', 'grpc'],
    ['serve: { http: { listen: "localhost" } }', 'FL308', 'a host and a port'],
    ['serve: { http: { listen: "localhost:99999" } }', 'FL800', '65535'],
    ['wal: { max_bytes: 8 }', 'FL306', 'a size such as'],
    ['telemetry: { endpoint: "http://localhost:4318/v1/traces" }', 'FL802', 'another server'],
    ['notify: [{ name: a, type: webhook, url_env: HOOK }]', 'FL860', 'HOOK'],
  ])('refuses the configuration %j', async (text, code, help) => {
    const outcome = await runInMemory(['serve'], { files: { '/project/fluo.yaml': text } });
    expect(outcome.code).toBe(EXIT.usage);
    expect(outcome.stderr).toContain(code);
    expect(outcome.stderr).toContain(help);
  });

  it('sees a loop of its own spans that the command line makes', async () => {
    const files = { '/project/fluo.yaml': 'telemetry: { endpoint: "http://localhost:9318/v1/traces" }' };
    const outcome = await runInMemory(['serve', '--http', '127.0.0.1:9318'], { files });
    expect(outcome.stderr).toContain('FL802');
  });
});
