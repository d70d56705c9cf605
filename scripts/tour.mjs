/**
 * `fluo check` on real input: records the traffic of a small shop with the OpenTelemetry SDK, healthy and broken, judges it
 * against rules of the library, and explains one of them. Shows the command lines that it runs: they can be run again, for the
 * traces stay in tmp/demo.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const RULES = 'library/payments';
const RULE = 'payment-requires-inventory';

const TRACES = 'tmp/demo/shop.jsonl';
const REPORT = 'tmp/demo/report.json';

// A reader that has seen enough (`| head`) ends the demo.
process.stdout.on('error', () => process.exit(0));
mkdirSync(join(root, 'tmp/demo'), { recursive: true });
process.exitCode = 1;
try {
  say(`A small web shop of five services runs with the OpenTelemetry SDK for Node and records its traces.
Most requests are healthy. In some, something went wrong, and no error was ever logged:`);
  run(['examples/shop/record.mjs', TRACES], [0]);

  say('Which traces break a rule of the library, and why? One command answers:');
  fluo(['check', '--rules', RULES, '--rule', RULE, '--fail-on', 'violated', TRACES], [1]);

  say('The exit code is 1, as a CI job would want it. All payment rules on the same traces, counted:');
  fluo(['check', '--rules', RULES, '--format', `json=${REPORT}`, TRACES], [0]);
  count();

  say('What a rule means, in English:');
  fluo(['explain', RULE, '--rules', RULES], [0]);

  say(`Where to go next:

  node bin/fluo.mjs init                    rules, a test and CI for a project of yours
  node bin/fluo.mjs check TRACES            your own traces: OTLP, Jaeger or Zipkin files, also gzipped
  node bin/fluo.mjs library list            more rules: payments, multi-tenancy, compliance, AI, healthcare
  node bin/fluo.mjs instrument ${RULE}
                                            the spans and attributes that a rule needs
  docs/QUICK_START.md                       the first half hour
  docs/technical/trace-rules-dsl.md         the language`);
  process.exitCode = 0;
} catch (error) {
  process.stderr.write(`demo: ${error.message}\n`);
}

/** A line for each rule: how often it was broken, kept, and had nothing to say. */
function count() {
  const { traces, spans, rules } = JSON.parse(readFileSync(join(root, REPORT), 'utf8'));
  process.stdout.write(`  ${traces} traces, ${spans} spans\n`);
  for (const { id, verdicts } of rules) {
    const { violated, satisfied, inconclusive } = verdicts;
    const parts = [`${String(violated).padStart(3)} violated`, `${String(satisfied).padStart(4)} satisfied`];
    if (inconclusive > 0) parts.push(`${inconclusive} inconclusive`);
    process.stdout.write(`  ${id.padEnd(42)} ${parts.join('  ')}\n`);
  }
}

function fluo(args, expected) {
  run(['bin/fluo.mjs', ...args], expected);
}

function run(args, expected) {
  const line = `node ${args.join(' ')}`;
  process.stdout.write(`\n$ ${line}\n\n`);
  const { status, error } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error !== undefined) throw error;
  if (!expected.includes(status)) throw new Error(`\`${line}\` ended with exit code ${status}`);
}

function say(text) {
  process.stdout.write(`\n${text}\n`);
}
