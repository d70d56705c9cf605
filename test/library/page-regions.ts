/**
 * Fills the regions of a page: what stands between `<!-- KIND: ARGUMENTS -->` and `<!-- end -->` is made from the files.
 *
 *     include: PATH            a file; of `PATH#NAME` the exported function of this name, with its comment
 *     verdicts: DOMAIN VARIANT          how often each rule of the domain has each verdict over a recording of the example
 *     check: DOMAIN VARIANT FILE        what `fluo check` prints of the recording with one rule file
 *     variants: DOMAIN         the broken programs, and what each violates
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { VERDICTS } from '../../src/engine/verdict.ts';
import { BROKEN, type Domain, libraryRules, ROOT, recordExample } from './domains.ts';
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

/** Output of the program on a recording whose ids and times have been made steady, so that it is the same each time. */
async function checkOutput(domain: Domain, variant: string, ruleFile: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'fluo-page-'));
  try {
    const file = join(folder, `${variant}.jsonl`);
    writeFileSync(file, steadyRequest(await recordExample(domain, variant)));
    const rules = `library/${domain}/${ruleFile}`;
    const program = join(ROOT, 'bin/fluo.mjs');
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [program, 'check', '--rules', rules, file],
      {
        cwd: ROOT,
        env: { ...process.env, NO_COLOR: '1', COLUMNS: '100' },
      },
    ).catch((failed: { stdout: string; stderr: string; code: number }) => {
      if (failed.code !== 1) throw new Error(failed.stderr);
      return failed;
    });
    return `\`\`\`console\n$ fluo check --rules ${rules} ${variant}.jsonl\n${stdout.trimEnd()}\n\`\`\`\n`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function variantTable(domain: Domain): string {
  const rows = Object.entries(BROKEN[domain]).map(
    ([variant, violated]) => `| \`${variant}\` | ${violated.map((id) => `\`${id}\``).join(', ')} |`,
  );
  return ['| variant | violates |', '|---|---|', ...rows, ''].join('\n');
}
