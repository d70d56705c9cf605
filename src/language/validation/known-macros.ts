/** Macros and lists that a rule names are in its file, whole, and of a size that can be judged. */
import { didYouMean } from '../../base/suggest.ts';
import type { MatcherNode, SelectorNode } from '../ast.ts';
import type { RuleScope } from '../compiled-rule.ts';
import { shorten } from '../lexer.ts';
import type { Visitor } from '../walk.ts';
import { walkSelector } from '../walk.ts';
import type { CheckContext } from './context.ts';

/** Parts that macros may bring into one rule. */
const MOST_MACRO_PARTS = 10_000;
/** Macros within macros. */
const DEEPEST_MACROS = 16;

/** What is known of a macro when it is written out. */
type MacroVerdict =
  | { readonly kind: 'fine'; readonly parts: number; readonly depth: number }
  | { readonly kind: 'cycle'; readonly path: readonly string[] }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'broken'; readonly message: string };

/** `findFault` gives the first error within a macro's own selector, or null. */
export function knownMacros(
  context: CheckContext,
  findFault: (selector: SelectorNode) => string | null,
): Visitor {
  const { problems, scope } = context;
  const verdicts = new Map<string, MacroVerdict>();
  let parts = 0;
  let told = false;
  return {
    selector({ matcher }) {
      if (matcher.kind !== 'macro') return;
      if (!scope.macros.has(matcher.name)) {
        reportUnknown(context, matcher);
        return;
      }
      const verdict = judgeMacro(scope, matcher.name, verdicts, [], findFault);
      if (verdict.kind !== 'fine') {
        problems.report({ ...faultOf(matcher.name, verdict), range: matcher.range });
        return;
      }
      parts += verdict.parts;
      if (parts <= MOST_MACRO_PARTS || told) return;
      told = true;
      problems.report({
        code: 'FL205',
        range: matcher.range,
        message: `the macros of this rule have more than ${MOST_MACRO_PARTS} parts when they are written out`,
        help: 'split the rule, or make the macros simpler',
      });
    },
    test(test) {
      if (test.kind !== 'in' || test.list.kind !== 'list-macro') return;
      const { name, range } = test.list;
      const values = scope.lists.get(name);
      if (values === undefined) {
        const isMacro = scope.macros.has(name);
        const near = nearName(name, scope.lists.keys());
        problems.report({
          code: 'FL202',
          range,
          message: isMacro
            ? `\`$${shorten(name)}\` is a macro, and a list belongs behind \`in\``
            : `no list of this file is called \`$${shorten(name)}\`${near === '' ? '' : `: ${near}`}`,
          help: isMacro
            ? 'write the values in brackets, as in `in [stripe, square]`'
            : `add \`${shorten(name)}: [...]\` under \`lists:\` of the rule file, or write the values in brackets`,
        });
      } else if (values.length === 0) {
        problems.report({
          code: 'FL224',
          range,
          message: `the list \`$${shorten(name)}\` is empty, and no attribute is in it`,
          help: 'give it values under `lists:` of the rule file',
        });
      }
    },
  };
}

function reportUnknown({ problems, scope }: CheckContext, matcher: MatcherNode & { kind: 'macro' }): void {
  const { name, range } = matcher;
  const isList = scope.lists.has(name);
  const near = nearName(name, scope.macros.keys());
  problems.report({
    code: 'FL201',
    range,
    message: isList
      ? `\`$${shorten(name)}\` is a list, and a selector belongs here`
      : `no macro of this file is called \`$${shorten(name)}\`${near === '' ? '' : `: ${near}`}`,
    help: isList
      ? `lists stand behind \`in\`, as in \`.where(processor in $${shorten(name)})\``
      : `add \`${shorten(name)}: "..."\` under \`macros:\` of the rule file, or write the selector out`,
  });
}

function nearName(name: string, known: Iterable<string>): string {
  return didYouMean(
    `$${name.slice(0, 60)}`,
    [...known].map((other) => `$${other}`),
  );
}

function faultOf(
  name: string,
  verdict: Exclude<MacroVerdict, { kind: 'fine' }>,
): { code: 'FL203' | 'FL204' | 'FL205'; message: string; help: string } {
  const macro = `\`$${shorten(name)}\``;
  switch (verdict.kind) {
    case 'cycle':
      return {
        code: 'FL203',
        message: `the macro ${macro} uses ${verdict.path.includes(name) ? 'itself' : 'a macro that uses itself'}: ${verdict.path.map((step) => `\`$${shorten(step)}\``).join(' uses ')}`,
        help: 'write one of them out without the others',
      };
    case 'too-large':
      return {
        code: 'FL205',
        message: `the macro ${macro} is too large when it is written out: more than ${MOST_MACRO_PARTS} parts, or more than ${DEEPEST_MACROS} macros deep`,
        help: 'make it simpler; a macro that uses another one twice doubles it',
      };
    case 'broken':
      return {
        code: 'FL204',
        message: `the macro ${macro} has an error: ${verdict.message}`,
        help: 'mend the macro under `macros:` of the rule file',
      };
  }
}

/** Cost: each macro is looked into once. */
function judgeMacro(
  scope: RuleScope,
  name: string,
  verdicts: Map<string, MacroVerdict>,
  path: readonly string[],
  findFault: (selector: SelectorNode) => string | null,
): MacroVerdict {
  const at = path.indexOf(name);
  if (at !== -1) return { kind: 'cycle', path: [...path.slice(at), name] };
  const known = verdicts.get(name);
  if (known !== undefined) return known;
  const selector = scope.macros.get(name);
  if (selector === undefined) return { kind: 'broken', message: 'which is not there' };
  if (path.length >= DEEPEST_MACROS) return { kind: 'too-large' };
  const verdict = judgeParts(selector, findFault, (inner) =>
    judgeMacro(scope, inner, verdicts, [...path, name], findFault),
  );
  // What was found at the end of a long path may be fine on a shorter one; all else is so wherever it is met.
  if (verdict.kind !== 'too-large' || path.length === 0) verdicts.set(name, verdict);
  return verdict;
}

function judgeParts(
  selector: SelectorNode,
  findFault: (selector: SelectorNode) => string | null,
  judgeInner: (name: string) => MacroVerdict,
): MacroVerdict {
  let parts = 0;
  let depth = 0;
  let fault: MacroVerdict | null = null;
  walkSelector(selector, {
    selector({ matcher }) {
      parts++;
      if (matcher.kind !== 'macro' || fault !== null) return;
      const inner = judgeInner(matcher.name);
      if (inner.kind === 'fine') {
        parts += inner.parts;
        depth = Math.max(depth, inner.depth);
      } else if (inner.kind === 'broken') {
        fault = { kind: 'broken', message: `in \`$${shorten(matcher.name)}\`, ${inner.message}` };
      } else fault = inner;
    },
    test() {
      parts++;
    },
  });
  if (fault !== null) return fault;
  if (parts > MOST_MACRO_PARTS || depth + 1 > DEEPEST_MACROS) return { kind: 'too-large' };
  const message = findFault(selector);
  return message === null ? { kind: 'fine', parts, depth: depth + 1 } : { kind: 'broken', message };
}
