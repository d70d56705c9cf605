/** Reads rules and selectors: text in, syntax tree and problems out. */
import type { Diagnostic, SourceText } from '../diagnostic/diagnostic.ts';
import type { RuleNode, SelectorNode } from './ast.ts';
import { lex } from './lexer.ts';
import { Cursor } from './parser/cursor.ts';
import { parseWholeRule, parseWholeSelector } from './parser/rule.ts';
import { Problems } from './problems.ts';

/** Bytes of UTF-8. */
export const LONGEST_TEXT = 64 * 1024;

/**
 * Parses a rule. `rule` is null exactly when there are diagnostics, all of them errors (up to 100, in the order of the text).
 * Macros and lists are not looked up: see compileRule. Cost: linear in the text.
 */
export function parseRule(source: SourceText): { rule: RuleNode | null; diagnostics: Diagnostic[] } {
  const problems = new Problems(source);
  const { rule } = parseRulePartly(source, problems);
  return { rule: problems.any ? null : rule, diagnostics: problems.list() };
}

/** Parses the text of a macro. `selector` is null exactly when there are diagnostics. */
export function parseSelector(source: SourceText): {
  selector: SelectorNode | null;
  diagnostics: Diagnostic[];
} {
  const problems = new Problems(source);
  const selector = parseSelectorPartly(source, problems);
  return { selector: problems.any ? null : selector, diagnostics: problems.list() };
}

interface PartialRule {
  /** What could be read; null for a text that is too long. With problems it may have neither clauses nor a condition. */
  readonly rule: RuleNode | null;
  /** False when there is an `each` whose name could not be read. */
  readonly bindingKnown: boolean;
}

/** What could be read of a rule, so that its other parts can be checked in the same run. */
export function parseRulePartly(source: SourceText, problems: Problems): PartialRule {
  if (isTooLong(source, problems)) return { rule: null, bindingKnown: false };
  const { tokens, comments } = lex(source.text, problems);
  const cursor = new Cursor(tokens, problems);
  const rule = parseWholeRule(cursor, comments);
  return { rule, bindingKnown: !cursor.bindingBroken };
}

export function parseSelectorPartly(source: SourceText, problems: Problems): SelectorNode | null {
  if (isTooLong(source, problems)) return null;
  const { tokens } = lex(source.text, problems);
  return parseWholeSelector(new Cursor(tokens, problems));
}

function isTooLong(source: SourceText, problems: Problems): boolean {
  const bytes = utf8Length(source.text, LONGEST_TEXT);
  if (bytes <= LONGEST_TEXT) return false;
  problems.report({
    code: 'FL119',
    range: { start: 0, end: 0 },
    message: 'the text is longer than 64 KiB',
    help: 'split the rule into several; long lists and selectors that repeat belong into the `lists:` and `macros:` of the rule file',
  });
  return true;
}

/** Bytes of a text in UTF-8; stops counting past `enough`. */
function utf8Length(text: string, enough: number): number {
  let bytes = 0;
  for (let at = 0; at < text.length && bytes <= enough; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    // The two halves of a pair take four bytes together.
    else if (unit >= 0xd800 && unit <= 0xdfff) bytes += 2;
    else bytes += 3;
  }
  return bytes;
}
