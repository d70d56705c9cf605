/** Tells everybody who must know that the rules have changed: the engine, the signals, metrics, health and the log. */
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { placeOf } from '../report/reported-diagnostic.ts';
import type { Health } from './health.ts';
import type { Log } from './log.ts';
import type { ServerMetrics } from './metrics/server-metrics.ts';
import type { ReloadOutcome } from './rules/rule-keeper.ts';
import type { RuleSet } from './rules/rule-set.ts';

export interface RuleNews {
  readonly metrics: ServerMetrics;
  readonly health: Health;
  readonly log: Log;
}

/** Most diagnostics that are logged of one reading. */
const MOST_LOGGED = 20;

/** `outcome` null: the first reading. */
export function tellRules(
  set: RuleSet,
  outcome: ReloadOutcome | null,
  { metrics, health, log }: RuleNews,
): void {
  const errors = set.diagnostics.filter(({ severity }) => severity === 'error');
  metrics.rules.set(set.rules.length);
  metrics.ruleFileErrors.set(errors.length);
  if (outcome !== null) metrics.ruleReloads.add(1, outcome);
  if (set.rules.length === 0) {
    health.set(
      'no-rules',
      'no rule is loaded: spans are archived and nothing is judged',
      'put rule files into the folder of rules (`fluo init` makes a first one): they are loaded without a restart',
    );
  } else health.clear('no-rules');
  if (errors.length === 0) health.clear('rule-files-with-errors');
  else {
    health.set('rule-files-with-errors', brokenText(set), [...new Set(errors.map(remedyOf))].join('; '));
  }
  const kept = set.broken.reduce((sum, { keptRules }) => sum + keptRules, 0);
  const broken = { rules: set.rules.length, files: set.broken.map(({ name }) => name), kept };
  if (outcome === null) {
    // The errors themselves are shown by whoever starts the server.
    if (errors.length > 0) log.warn('some files of rules have errors', broken);
    return;
  }
  for (const diagnostic of errors.slice(0, MOST_LOGGED))
    log.error('error in a rule file', fieldsOf(diagnostic));
  if (errors.length > 0) log.warn('rules were read again, and some files have errors', broken);
  else if (set.rules.length === 0) {
    log.warn('rules were read again, and there are none any more: nothing is judged', {
      rules: 0,
      files: set.files,
      outcome,
    });
  } else log.info('rules were read again', { rules: set.rules.length, files: set.files, outcome });
}

function remedyOf({ code, help }: Diagnostic): string {
  return code === 'FL815'
    ? help
    : 'mend the files (`fluo lint` shows each error): they are loaded when they are saved';
}

function brokenText(set: RuleSet): string {
  const files = set.broken.map(({ name, errors, keptRules }) => {
    const kept =
      keptRules === 0 ? 'none of its rules is in force' : `${keptRules} of its earlier rules stay in force`;
    return `${name} (${errors === 1 ? 'an error' : `${errors} errors`}; ${kept})`;
  });
  return `rule files with errors: ${files.join(', ')}`;
}

function fieldsOf(diagnostic: Diagnostic): Record<string, string | number> {
  const { code, message, help, source, range } = diagnostic;
  const place = source === undefined || range === undefined ? null : placeOf(source, range);
  const file = source?.name ?? diagnostic.file;
  return {
    code,
    problem: message,
    ...(file === undefined ? {} : { file }),
    ...(place === null ? {} : { line: place.line }),
    help,
  };
}
