/** What makes a clean result worth less than it looks: one list for all formats. */
import type { CheckReport, RuleReport, UnknownAttributeCount } from './check-report.ts';
import { isApplied } from './check-totals.ts';
import { counted } from './counted.ts';
import { joinPhrases, type Phrase, say } from './phrase.ts';

export interface CheckWarning {
  readonly kind:
    | 'conflicting-spans'
    | 'mended-spans'
    | 'not-applied'
    | 'unknown-attribute'
    | 'unlisted'
    | 'keyless'
    | 'left-out';
  /** An error makes the run fail; a note is as the rule wants it. */
  readonly level: 'error' | 'warning' | 'note';
  /** Whose it is; null for what is true of the whole input. */
  readonly rule: RuleReport | null;
  /** With the rule's id, without a full stop. */
  readonly text: Phrase;
}

/** In the order of the rules. */
export function checkWarnings(report: CheckReport): CheckWarning[] {
  const warnings: CheckWarning[] = [];
  if (report.conflicting > 0) {
    const text = `${counted(report.conflicting, 'span has', 'spans have')} the id of another, different span: the first to come was kept, and the trace is incomplete`;
    warnings.push({ kind: 'conflicting-spans', level: 'warning', rule: null, text: [text] });
  }
  if (report.mended > 0) {
    const text = `${counted(report.mended, 'span has', 'spans have')} no end, or one before the start: it was set to the start`;
    warnings.push({ kind: 'mended-spans', level: 'warning', rule: null, text: [text] });
  }
  for (const rule of report.rules) warnings.push(...warningsOf(rule, report));
  return warnings;
}

function warningsOf(rule: RuleReport, report: CheckReport): CheckWarning[] {
  const warnings: CheckWarning[] = [];
  const warn = (kind: CheckWarning['kind'], text: Phrase, level: CheckWarning['level'] = 'warning') => {
    warnings.push({ kind, level, rule, text });
  };
  const idle = report.traces === 0 ? null : idleText(rule);
  if (idle !== null) warn('not-applied', idle, report.requireApplied ? 'error' : 'warning');
  for (const unknown of rule.unknownAttributes) {
    warn('unknown-attribute', say`${rule.id}: ${unknownText(unknown)}`);
  }
  if (rule.unlisted > 0) {
    const verb = rule.unlisted === 1 ? 'is' : 'are';
    warn('unlisted', say`${rule.id}: ${[counted(rule.unlisted, 'scope')]} ${[verb]} counted and not listed`);
  }
  if (rule.keyless > 0 && scopesOf(rule) > 0) {
    const verb = rule.keyless === 1 ? 'is' : 'are';
    const have = counted(rule.keyless, 'span has', 'spans have');
    warn('keyless', say`${rule.id}: ${[have]} no usable key${keyOf(rule)} and ${[verb]} in no group`);
  }
  for (const { name, scopes } of rule.leftOut.exceptions) {
    warn('left-out', say`${rule.id}: the exception ${name} left out ${[counted(scopes, 'scope')]}`, 'note');
  }
  if (rule.leftOut.environment > 0) {
    const scopes = counted(rule.leftOut.environment, 'scope');
    warn('left-out', say`${rule.id}: its environments left out ${[scopes]}`, 'note');
  }
  return warnings;
}

/** Why a rule judged nothing; null where it judged something. */
function idleText(rule: RuleReport): Phrase | null {
  if (isApplied(rule)) return null;
  const scopes = scopesOf(rule);
  if (scopes > 0) {
    return say`${rule.id} applied to none of ${[counted(scopes, 'scope')]}: are its span names and attributes the ones that are sent? (${`fluo explain ${rule.id}`})`;
  }
  if (rule.keyless > 0) {
    const spans = counted(rule.keyless, 'span that it looks at is', 'spans that it looks at are');
    return say`${rule.id} applied to nothing: no span carries the key${keyOf(rule)}, so the ${[spans]} in no group`;
  }
  return say`${rule.id} applied to nothing: no span that it looks at was there. Are its span names the ones that are sent? (${`fluo explain ${rule.id}`})`;
}

function unknownText(unknown: UnknownAttributeCount): Phrase {
  const parts = [
    unknown.missing > 0 ? `was not there in ${counted(unknown.missing, 'comparison')}` : '',
    unknown.otherType > 0
      ? `had a type that the rule does not expect in ${counted(unknown.otherType, 'comparison')}`
      : '',
  ];
  return say`${unknown.attribute} ${[parts.filter((part) => part !== '').join(' and ')]}`;
}

/** With a blank before it. */
function keyOf({ acrossKey }: RuleReport): Phrase {
  if (acrossKey === null) return [];
  return [
    ' ',
    ...joinPhrases(
      acrossKey.map((attribute) => say`${attribute}`),
      ', ',
    ),
  ];
}

function scopesOf({ verdicts }: RuleReport): number {
  return verdicts.satisfied + verdicts.violated + verdicts.inconclusive + verdicts.not_applicable;
}
