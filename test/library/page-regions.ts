/**
 * Fills the regions of a page: what stands between `<!-- KIND: ARGUMENTS -->` and `<!-- end -->` is made from the files.
 *
 *     include: PATH            a file; of `PATH#NAME` the exported function of this name, with its comment
 *     verdicts: DOMAIN VARIANT          how often each rule of the domain has each verdict over a recording of the example
 *     check: DOMAIN VARIANT RULE        what `fluo check` prints of the recording with one rule
 *     variants: DOMAIN         the broken programs, and what each violates
 */
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { memoryIo } from '../../src/cli/memory-io.ts';
import { run } from '../../src/cli/run.ts';
import { VERDICTS } from '../../src/engine/verdict.ts';
import { BROKEN, type Domain, libraryRules, ROOT, recordExample, ruleFilesOf } from './domains.ts';
import { judgeRecording, readRecording } from './judge-recording.ts';
import { steadyRequest } from './steady-recording.ts';

const REGION = /(<!-- (\w+): (.+?) -->\n)(.*?)(<!-- end -->)/gs;

export async function fillPage(page: string): Promise<string> {
  const parts: string[] = [];
  let reached = 0;
  for (const region of page.matchAll(REGION)) {
    const [whole, head = '', kind = '', args = '', , tail = ''] = region;
    parts.push(
      page.slice(reached, region.index),
      head,
      '\n',
      await contentOf(kind, args.split(' ')),
      '\n',
      tail,
    );
    reached = region.index + whole.length;
  }
  return parts.join('') + page.slice(reached);
}

async function contentOf(kind: string, args: readonly string[]): Promise<string> {
  const [first = '', variant = '', third] = args;
  if (kind === 'include') return included(first);
  if (kind === 'verdicts') return verdictTable(first as Domain, variant);
  if (kind === 'check') return checkOutput(first as Domain, variant, third ?? '');
  if (kind === 'variants') return variantTable(first as Domain);
  throw new Error(`no region is called ${kind}`);
}

const LANGUAGES: Readonly<Record<string, string>> = { '.mjs': 'js', '.py': 'python', '.yaml': 'yaml' };

function included(reference: string): string {
  const [path = '', name] = reference.split('#');
  const text = readFileSync(join(ROOT, path), 'utf8');
  const code = name === undefined ? text : functionOf(text, name);
  return `\`\`\`${LANGUAGES[extname(path)] ?? ''}\n${code.trimEnd()}\n\`\`\`\n`;
}

/** The comment before the function, and the function up to the brace that closes it at the margin. */
function functionOf(text: string, name: string): string {
  const match = new RegExp(
    `(?:/\\*\\*(?:(?!\\*/).)*\\*/\\n)?export (?:async )?function ${name}\\(.*?\\n}\\n`,
    's',
  ).exec(text);
  if (match === null) throw new Error(`no exported function is called ${name}`);
  return match[0];
}

async function verdictTable(domain: Domain, variant: string): Promise<string> {
  const recording = steadyRequest(await recordExample(domain, variant));
  const verdicts = judgeRecording(libraryRules(domain), readRecording(Buffer.from(recording), 'otlp-json'));
  const rows = verdicts.map(
    ({ id, counts }) => `| \`${id}\` | ${VERDICTS.map((verdict) => counts[verdict]).join(' | ')} |`,
  );
  return [
    '| rule | satisfied | violated | not applicable | inconclusive |',
    '|---|--:|--:|--:|--:|',
    ...rows,
    '',
  ].join('\n');
}

/** What the program prints of a recording with one rule. Ids and times have been made steady, so that it is the same each time. */
async function checkOutput(domain: Domain, variant: string, rule: string): Promise<string> {
  const rules = `library/${domain}`;
  const argv = ['check', '--rules', rules, '--rule', rule, `${variant}.jsonl`];
  const files = Object.fromEntries(ruleFilesOf(rules).map(({ name, text }) => [`/shop/${name}`, text]));
  files['/package/package.json'] = readFileSync(join(ROOT, 'package.json'), 'utf8');
  files[`/shop/${variant}.jsonl`] = steadyRequest(await recordExample(domain, variant));
  const io = memoryIo({ argv, cwd: '/shop', files });
  const code = await run(io);
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}\n${io.stderr.text}`);
  return `\`\`\`console\n$ fluo ${argv.join(' ')}\n${io.stdout.text.trimEnd()}\n\`\`\`\n`;
}

function variantTable(domain: Domain): string {
  const rows = Object.entries(BROKEN[domain]).map(
    ([variant, violated]) => `| \`${variant}\` | ${violated.map((id) => `\`${id}\``).join(', ')} |`,
  );
  return ['| variant | violates |', '|---|---|', ...rows, ''].join('\n');
}
