/** Mutation of rules: which change of an operator or a value no test notices. */
import type { SourceText, TextRange } from '../../diagnostic/diagnostic.ts';
import type { JudgedRule } from '../../engine/judged-rule.ts';
import type { Rule } from '../../invariant/rule.ts';
import { compileRule } from '../../language/compile.ts';
import { printRule } from '../../language/print.ts';
import { mutationsOf } from './mutations.ts';

/** A test that the rule as written passes. */
export interface MutationCase {
  readonly judged: JudgedRule;
  passes(rule: JudgedRule): boolean;
}

export interface RuleMutation {
  readonly rule: Rule;
  /** Changed rules that are rules: those that do not compile, or print as the rule itself, are not counted. */
  readonly mutants: number;
  /** Mutants of which some test expects another verdict. */
  readonly noticed: number;
  /** The others, in the order of the condition. */
  readonly survivors: readonly Survivor[];
}

interface Survivor {
  /** The rule's file, and the place of the change in it. */
  readonly source: SourceText;
  readonly range: TextRange;
  readonly original: string;
  /** The empty text when the original is left out. */
  readonly replacement: string;
  /** The condition of the mutant. */
  readonly condition: string;
}

/** Judges every mutant by the cases until one notices it. Cost: mutants times cases judgements at most. */
export function mutateRule(rule: Rule, cases: readonly MutationCase[]): RuleMutation {
  const { ast, source } = rule.condition;
  const known = new Set([printRule(ast)]);
  const survivors: Survivor[] = [];
  let mutants = 0;
  for (const mutation of mutationsOf(ast)) {
    const condition = printRule(mutation.rule);
    if (known.has(condition)) continue;
    known.add(condition);
    const mutant = compileRule({ name: source.name, text: condition }, rule.scope).rule;
    if (mutant === null) continue;
    mutants++;
    const noticed = cases.some(({ judged, passes }) => !passes({ ...judged, condition: mutant }));
    if (noticed) continue;
    const { start, end } = mutation.range;
    survivors.push({
      source: rule.file,
      range: { start: rule.toFileOffset(start), end: rule.toFileOffset(end) },
      original: mutation.original,
      replacement: mutation.replacement,
      condition,
    });
  }
  return { rule, mutants, noticed: mutants - survivors.length, survivors };
}
