/** What the engine needs of a rule: rule files provide it, tests can make it by hand. */
import type { CompiledRule } from '../language/compiled-rule.ts';
import type { AttributeValue } from '../trace/attribute-value.ts';

export interface JudgedRule {
  readonly id: string;
  readonly condition: CompiledRule;
  readonly onIncomplete: 'inconclusive' | 'judge';
  /** Null: all. */
  readonly environments: readonly string[] | null;
  /** Live ones only: whoever calls leaves out the expired, for the engine has no clock. */
  readonly exceptions: readonly JudgedException[];
}

export interface JudgedException {
  readonly name: string;
  readonly fields: readonly string[];
  readonly values: readonly (readonly AttributeValue[])[];
  readonly anywhere: boolean;
}
