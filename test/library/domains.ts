/** The domains of the library, their rule files, and what their example programs are known to do. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SourceText } from '../../src/diagnostic/diagnostic.ts';
import { isRuleFileName, loadRules } from '../../src/invariant/catalogue.ts';
import type { Rule } from '../../src/invariant/rule.ts';
import type { Span } from '../../src/trace/span.ts';
import { readRecording, TODAY } from './judge-recording.ts';

export const ROOT = join(import.meta.dirname, '../..');

export const DOMAINS = ['payments', 'multi-tenancy', 'compliance', 'ai-guardrails', 'healthcare'] as const;
export type Domain = (typeof DOMAINS)[number];

/** What the broken variants of an example break: variant to the rules that are violated, and no others. */
export const BROKEN: { readonly [domain in Domain]: { readonly [variant: string]: readonly string[] } } = {
  payments: {
    'without-reservation': ['payment-requires-inventory'],
    'reserved-and-charged-at-once': ['payment-requires-inventory'],
    'one-reservation-for-two-carts': ['payment-requires-inventory'],
    'double-click': ['cart-charged-once'],
    'two-workers': ['cart-charged-once', 'payment-intent-charged-once'],
    'retry-with-new-intent': ['payment-retry-reuses-intent'],
    'without-fraud-check': ['high-value-payment-requires-fraud-check'],
    'blind-refund': ['refund-requires-original-payment'],
    'refund-clicked-twice': ['refunds-stay-within-charge'],
  },
  'multi-tenancy': {
    'one-query-unfiltered': ['request-reads-its-own-tenant', 'tenant-queries-are-filtered'],
    'rows-of-another-tenant': ['request-reads-its-own-tenant'],
    'request-without-tenant': ['tenant-request-names-its-tenant'],
    'job-over-tenants': ['trace-serves-one-tenant'],
    'administered-another-tenant': ['admin-action-requires-tenant-context'],
  },
  compliance: {
    'access-without-log': ['pii-access-requires-audit-log'],
    'one-log-for-a-list': ['pii-access-requires-audit-log'],
    'bulk-without-logs': ['bulk-deactivation-is-audited'],
    'loop-loses-a-log': ['deactivation-requires-audit-log'],
    'approved-by-oneself': ['admin-action-requires-approval'],
    'executed-though-denied': ['transaction-requires-authorization'],
    'exported-in-the-clear': ['data-export-requires-encryption'],
  },
  'ai-guardrails': {
    unmoderated: ['llm-output-requires-moderation'],
    'sent-before-moderation': ['response-follows-clean-moderation'],
    'sent-though-flagged': ['response-follows-clean-moderation'],
    'without-sources': ['rag-answer-cites-sources'],
    'checked-beside-the-model': ['prompt-is-checked-for-injection'],
    'injection-answered': ['detected-injection-is-not-generated'],
    'acted-unasked': ['destructive-agent-action-requires-approval'],
  },
  healthcare: {
    unauthenticated: ['phi-access-requires-authentication'],
    'read-as-another-user': ['phi-access-requires-authentication'],
    'one-log-for-a-ward': ['phi-access-requires-audit-log'],
    'sent-in-the-clear': ['phi-transmission-requires-encryption'],
    'sent-over-old-tls': ['phi-transmission-requires-encryption'],
    'stored-in-the-clear': ['phi-at-rest-requires-encryption'],
  },
};

/** The rule files of a folder, by path from the repository's root; rule tests are not among them. */
export function ruleFilesOf(folder: string): SourceText[] {
  return readdirSync(join(ROOT, folder))
    .filter(isRuleFileName)
    .sort()
    .map((name) => sourceOf(`${folder}/${name}`));
}

/** The rules of a domain of the library. Throws what is wrong with them. */
export function libraryRules(domain: Domain): readonly Rule[] {
  return loaded(ruleFilesOf(`library/${domain}`));
}

/** The rules of the guide for a domain, as the guide writes them. Throws what is wrong with them. */
export function guideRules(domain: Domain): readonly Rule[] {
  return loaded([sourceOf(`test/guide/${domain}.yaml`)]);
}

function sourceOf(path: string): SourceText {
  return { name: path, text: readFileSync(join(ROOT, path), 'utf8') };
}

function loaded(files: readonly SourceText[]): readonly Rule[] {
  const { rules, diagnostics } = loadRules(files, TODAY);
  const problems = diagnostics.filter(({ severity }) => severity === 'error');
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'));
  return rules;
}

/** Runs a variant of an example program and reads the spans that its exporter sent, in that order. */
export async function recordExample(domain: Domain, variant: string): Promise<Span[]> {
  const folder = mkdtempSync(join(tmpdir(), 'fluo-example-'));
  try {
    const file = join(folder, 'out.jsonl');
    await promisify(execFile)(process.execPath, [
      join(ROOT, 'examples', domain, 'record.mjs'),
      variant,
      file,
    ]);
    return readRecording(readFileSync(file), 'otlp-json');
  } finally {
    rmSync(folder, { recursive: true });
  }
}
