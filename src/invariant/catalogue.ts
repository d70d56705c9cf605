/** The catalogue: the rules of all rule files that are loaded together. */
import type { Diagnostic, SourceText } from '../diagnostic/diagnostic.ts';
import { positionOf } from '../diagnostic/position.ts';
import type { Rule, RuleException } from './rule.ts';
import { loadRuleFile, type RuleFileLoad } from './rule-file.ts';

interface Catalogue {
  /** In the order of the files and of the rules in them. */
  readonly rules: readonly Rule[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Whether a file of a folder of rules is read as a rule file: YAML, and no rule test. */
export function isRuleFileName(path: string): boolean {
  return /\.ya?ml$/.test(path) && !isRuleTestFileName(path);
}

/** Whether a file holds rule tests. */
export function isRuleTestFileName(path: string): boolean {
  return /\.test\.ya?ml$/.test(path);
}

/**
 * Loads rule files together. An id that an earlier file has is an error of the later one, which then gives no rules; a file
 * with errors does not keep the others from loading. `loadFile` is `loadRuleFile`, or one that remembers what that gave.
 */
export function loadRules(
  files: readonly SourceText[],
  today: string,
  loadFile: (file: SourceText, today: string) => RuleFileLoad = loadRuleFile,
): Catalogue {
  const rules: Rule[] = [];
  const diagnostics: Diagnostic[] = [];
  const claimed = new Map<string, Rule>();
  for (const file of files) {
    const load = loadFile(file, today);
    diagnostics.push(...load.diagnostics);
    const clashes = load.rules.flatMap((rule) => {
      const first = claimed.get(rule.id);
      return first === undefined ? [] : [duplicate(rule, first)];
    });
    diagnostics.push(...clashes);
    for (const rule of load.rules) if (!claimed.has(rule.id)) claimed.set(rule.id, rule);
    if (clashes.length === 0) rules.push(...load.rules);
  }
  return { rules, diagnostics };
}

function duplicate(rule: Rule, first: Rule): Diagnostic {
  const { line } = positionOf(first.file.text, first.range.start);
  return {
    code: 'FL309',
    severity: 'error',
    message: `the rule id \`${rule.id}\` is taken by a rule of \`${first.file.name}\``,
    source: rule.file,
    range: {
      start: rule.range.start,
      end: Math.min(rule.range.end, endOfLine(rule.file.text, rule.range.start)),
    },
    notes: [`the first is in \`${first.file.name}\`, line ${line}`],
    help: 'give one of the two rules another id; until then nothing of this file is loaded',
  };
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

/** What an engine needs of a rule on a day: `JudgedRule` of the engine, which this folder must not import. */
interface JudgedRuleParts {
  readonly id: string;
  readonly condition: Rule['condition'];
  readonly onIncomplete: Rule['onIncomplete'];
  readonly environments: Rule['environments'];
  readonly exceptions: readonly Pick<RuleException, 'name' | 'fields' | 'values' | 'anywhere'>[];
}

/** The rule with the exceptions that are live on `today` (ISO date, UTC) only. */
export function judgedRule(rule: Rule, today: string): JudgedRuleParts {
  return {
    id: rule.id,
    condition: rule.condition,
    onIncomplete: rule.onIncomplete,
    environments: rule.environments,
    exceptions: rule.exceptions.filter((exception) => today < exception.expires),
  };
}
