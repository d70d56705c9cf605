/** Rules of tests, from their text. */
import { compileRule } from '../../../language/compile.ts';
import type { JudgedRule } from '../../judged-rule.ts';

const NO_SCOPE = { macros: new Map(), lists: new Map() };

export function simpleRule(id: string, text: string, parts: Partial<JudgedRule> = {}): JudgedRule {
  const { rule, diagnostics } = compileRule({ name: id, text }, NO_SCOPE);
  if (rule === null) throw new Error(diagnostics.map(({ message }) => message).join('; '));
  return { id, condition: rule, onIncomplete: 'inconclusive', environments: null, exceptions: [], ...parts };
}
