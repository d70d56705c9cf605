/**
 * The Python side: our programs and the guide's own snippets run with the OpenTelemetry SDK from PyPI, export over OTLP/HTTP in
 * protobuf, and are held against the rules. Installs the SDK into a virtual environment of its own.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Span } from '../../src/trace/span.ts';
import { guideDocument, pythonInGuide } from '../guide/guide-document.ts';
import { DOMAINS, type Domain, guideRules, libraryRules, ROOT } from './domains.ts';
import { judgeRecording, readRecording, tracesOf, withVerdict } from './judge-recording.ts';

const PACKAGES = ['opentelemetry-sdk==1.45.2', 'opentelemetry-exporter-otlp-proto-http==1.45.2'];
const PROGRAMS = join(ROOT, 'examples/python');

const environment = mkdtempSync(join(tmpdir(), 'fluo-python-'));
afterAll(() => rmSync(environment, { recursive: true, force: true }));

const absent = install();
if (absent !== null) process.stderr.write(`skipped: ${absent}\n`);

describe.skipIf(absent !== null).each(DOMAINS)('Python, %s', (domain) => {
  test('our program satisfies every rule of its domain', async () => {
    const spans = await record('record.py', [domain.replaceAll('-', '_')], '');
    const rules = libraryRules(domain);
    const verdicts = judgeRecording(rules, spans);
    expect(withVerdict(verdicts, 'violated')).toEqual([]);
    expect(withVerdict(verdicts, 'inconclusive')).toEqual([]);
    expect(withVerdict(verdicts, 'satisfied').length).toBeGreaterThan(0);
  });
});

/** What the guide's own code comes to: the function, how it is called, and what the rules of guide and library say of it. */
const SNIPPETS: {
  readonly domain: Domain;
  readonly name: string;
  readonly call: string;
  /** The guide's rules of the domain that are satisfied when the code runs inside a request. */
  readonly guide: readonly string[];
  /** The library's rules on the same spans. */
  readonly satisfied: readonly string[];
  readonly violated: readonly string[];
  readonly inconclusive: readonly string[];
}[] = [
  {
    domain: 'payments',
    name: 'checkout',
    call: 'checkout(cart, "card")',
    guide: ['payment-requires-inventory'],
    satisfied: ['payment-intent-charged-once'],
    violated: ['high-value-payment-requires-fraud-check'],
    inconclusive: ['payment-requires-inventory'],
  },
  {
    domain: 'payments',
    name: 'process_payment',
    call: 'process_payment(cart, "card")',
    guide: ['high-value-payment-requires-fraud-check'],
    satisfied: ['payment-intent-charged-once'],
    violated: ['high-value-payment-requires-fraud-check', 'payment-requires-inventory'],
    inconclusive: [],
  },
  {
    domain: 'multi-tenancy',
    name: 'query_customer_data',
    call: 'query_customer_data("acme", 42)',
    guide: [],
    satisfied: ['tenant-queries-are-filtered', 'trace-serves-one-tenant'],
    violated: [],
    inconclusive: [],
  },
  {
    domain: 'compliance',
    name: 'access_customer_pii',
    call: 'access_customer_pii("u1", 42)',
    guide: ['pii-access-requires-audit-log'],
    satisfied: [],
    violated: [],
    inconclusive: ['pii-access-requires-audit-log'],
  },
  {
    domain: 'ai-guardrails',
    name: 'generate_ai_response',
    call: 'generate_ai_response("When does the shop open?", True)',
    guide: ['llm-output-requires-moderation', 'prompt-injection-is-detected', 'rag-requires-sources'],
    satisfied: [],
    // The guards do not say which prompt they were for: whatever the model call said, none would be its own.
    violated: [
      'llm-output-requires-moderation',
      'prompt-is-checked-for-injection',
      'rag-answer-cites-sources',
    ],
    inconclusive: [],
  },
  {
    domain: 'healthcare',
    name: 'access_patient_record',
    call: 'access_patient_record("dr-1", "patient-1")',
    guide: ['phi-access-requires-audit-log', 'phi-access-requires-authentication'],
    satisfied: ['phi-access-requires-audit-log', 'phi-access-requires-authentication'],
    violated: [],
    inconclusive: [],
  },
];

const guide = existsSync(guideDocument()) ? readFileSync(guideDocument(), 'utf8') : null;
if (guide === null) process.stderr.write(`skipped: the guide is not at ${guideDocument()}\n`);

describe.skipIf(absent !== null || guide === null).each(SNIPPETS)(
  "the guide's own $name",
  ({ domain, name, call, guide: holds, ...library }) => {
    // The last one is the whole of the domain's chapter; earlier ones are sketches of it.
    const code = () => firstWith('start_span', pythonInGuide(guide ?? '', name));

    test('run by itself makes a trace of every span', async () => {
      const traces = tracesOf(await runSnippet(code(), call, false));
      expect(traces.length).toBeGreaterThan(1);
      for (const trace of traces) expect(trace.spans).toHaveLength(1);
    });

    test('inside a request is one trace, and satisfies the rules of the guide that it is about', async () => {
      const spans = await runSnippet(code(), call, true);
      expect(tracesOf(spans)).toHaveLength(1);
      expect(withVerdict(judgeRecording(guideRules(domain), spans), 'satisfied')).toEqual(holds);
    });

    test('inside a request: what the library says of it', async () => {
      const verdicts = judgeRecording(libraryRules(domain), await runSnippet(code(), call, true));
      expect({
        satisfied: withVerdict(verdicts, 'satisfied'),
        violated: withVerdict(verdicts, 'violated'),
        inconclusive: withVerdict(verdicts, 'inconclusive'),
      }).toEqual(library);
    });
  },
);

function firstWith(text: string, blocks: readonly string[]): string {
  const block = blocks.find((one) => one.includes(text));
  if (block === undefined) throw new Error(`no block of the guide has \`${text}\``);
  return block;
}

function runSnippet(code: string, call: string, inRequest: boolean): Promise<Span[]> {
  return record('guide_snippets.py', [], JSON.stringify([{ code, call, in_request: inRequest }]));
}

/** Runs a program with the address of a receiver as its last argument, and reads what its exporter sent. */
async function record(program: string, args: readonly string[], input: string): Promise<Span[]> {
  const bodies: Buffer[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks));
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`;
  try {
    await run(join(environment, 'bin/python'), [program, ...args, url], input);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  // Messages of protobuf that are put one behind the other are one message with all of their repeated fields.
  return readRecording(Buffer.concat(bodies), 'otlp-proto');
}

function run(command: string, args: readonly string[], input: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, ['-B', ...args], { cwd: PROGRAMS, stdio: ['pipe', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(errors))));
    child.stdin.end(input);
  });
}

/** Null when the SDK is there, or why not. */
function install(): string | null {
  if (spawnSync('python3', ['--version']).status !== 0) return 'python3 is not installed';
  if (spawnSync('python3', ['-m', 'venv', environment]).status !== 0) return 'python3 has no venv';
  const pip = spawnSync(
    join(environment, 'bin/python'),
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES],
    { encoding: 'utf8' },
  );
  return pip.status === 0
    ? null
    : `pip cannot install the OpenTelemetry SDK: ${pip.stderr.trim().slice(-200)}`;
}
