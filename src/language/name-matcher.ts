/** Which span names a selector's first part means. */
import { compileRe2 } from '../base/re2.ts';
import type { MatcherNode } from './ast.ts';

/**
 * Makes the test for a matcher. Macros must be resolved. A macro's test is that of its selector's name; its steps are the
 * selector's own. Throws only for a tree that the checker has not seen. Cost of a test: O(length of the name).
 */
export function nameMatcher(matcher: MatcherNode): (name: string) => boolean {
  switch (matcher.kind) {
    case 'exact': {
      const wanted = matcher.name;
      return (name) => name === wanted;
    }
    case 'wildcard':
      return wildcardMatcher(matcher.pattern);
    case 'regex': {
      const compiled = compileRe2(matcher.pattern);
      if (!compiled.ok) throw new Error(`unchecked expression ${matcher.pattern}: ${compiled.error}`);
      return (name) => compiled.re2.matches(name);
    }
    case 'macro':
      if (matcher.selector === null) throw new Error(`unresolved macro $${matcher.name}`);
      return nameMatcher(matcher.selector.matcher);
  }
}

/**
 * `*` matches any run of characters, dots too. The pieces between stars are found from left to right, each at its first
 * place: that is enough, for a later place of an earlier piece never helps. Cost: O(pieces × name) at worst, no backtracking.
 */
function wildcardMatcher(pattern: string): (name: string) => boolean {
  const pieces = pattern.split('*');
  const first = pieces[0] ?? '';
  const last = pieces[pieces.length - 1] ?? '';
  if (pieces.length === 1) return (name) => name === pattern;
  const middle = pieces.slice(1, -1).filter((piece) => piece !== '');
  return (name) => {
    if (name.length < first.length + last.length) return false;
    if (!name.startsWith(first) || !name.endsWith(last)) return false;
    let from = first.length;
    const end = name.length - last.length;
    for (const piece of middle) {
      const at = name.indexOf(piece, from);
      if (at === -1 || at + piece.length > end) return false;
      from = at + piece.length;
    }
    return true;
  };
}
