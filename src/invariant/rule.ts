/** A rule of a rule file, compiled: the unit that everything downstream loads, judges and reports. */
import type { SourceText, TextRange } from '../diagnostic/diagnostic.ts';
import type { CompiledRule, RuleScope } from '../language/compiled-rule.ts';
import type { AttributeValue } from '../trace/attribute-value.ts';

export const RULE_SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
export type RuleSeverity = (typeof RULE_SEVERITIES)[number];

export const ENFORCEMENTS = ['hard-block', 'soft-warning', 'audit-only'] as const;
export type Enforcement = (typeof ENFORCEMENTS)[number];

export interface Rule {
  readonly id: string;
  readonly name: string;
  readonly invariant: string | null;
  /** Default `medium`. */
  readonly severity: RuleSeverity;
  readonly category: string | null;
  /** Default `soft-warning`, and `audit-only` where the origin is none of `incident:`; what a person wrote stands. */
  readonly enforcement: Enforcement;
  /** The file says no `enforcement`, and the origin makes the rule `audit-only`. */
  readonly enforcementByOrigin?: boolean;
  /** Null: all. */
  readonly environments: readonly string[] | null;
  readonly condition: CompiledRule;
  /** The lists and macros of its file: what a text in the place of the condition would be compiled with. */
  readonly scope: RuleScope;
  readonly onIncomplete: 'inconclusive' | 'judge';
  readonly raise: { readonly share: number; readonly withinNanos: bigint; readonly atLeast: number } | null;
  readonly exceptions: readonly RuleException[];
  readonly compliance: readonly string[];
  readonly owner: string | null;
  readonly origin: {
    readonly kind: 'incident' | 'failure' | 'regulation' | 'spec';
    readonly reference: string;
  } | null;
  readonly runbook: string | null;
  /** The file, and the rule's place in it. */
  readonly file: SourceText;
  readonly range: TextRange;
  /** Offset in `file` of an offset in the condition's text: for positions in reports. */
  readonly toFileOffset: (offset: number) => number;
}

export interface RuleException {
  readonly name: string;
  /** Attribute names as the language writes them. */
  readonly fields: readonly string[];
  /** Rows of values, one value a field. A span that equals one row in all fields is excepted. */
  readonly values: readonly (readonly AttributeValue[])[];
  readonly anywhere: boolean;
  readonly reason: string;
  /** ISO date; excepts nothing from the start of that day (UTC) on. */
  readonly expires: string;
}
