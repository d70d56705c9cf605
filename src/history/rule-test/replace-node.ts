/** Syntax trees with one node changed: what a mutant of a rule is. */
import type { RuleNode } from '../../language/ast.ts';

/**
 * The rule with `target` replaced, or taken out of the list that it stands in when `replacement` is null. Shares what did not
 * change. Selectors of macros are not entered: the text of a rule has only their names. Cost: linear.
 */
export function replaceNode(rule: RuleNode, target: object, replacement: object | null): RuleNode {
  return replaced(rule, target, replacement) as RuleNode;
}

const GONE = Symbol('gone');

function replaced(node: unknown, target: object, replacement: object | null): unknown {
  if (node === target) return replacement ?? GONE;
  if (Array.isArray(node)) {
    const items = node.map((item) => replaced(item, target, replacement)).filter((item) => item !== GONE);
    return items.length === node.length && items.every((item, index) => item === node[index]) ? node : items;
  }
  if (typeof node !== 'object' || node === null || !('kind' in node) || node.kind === 'macro') return node;
  let changed: Record<string, unknown> | null = null;
  for (const [key, value] of Object.entries(node)) {
    if (typeof value !== 'object' || value === null || key === 'range') continue;
    const next = replaced(value, target, replacement);
    if (next === value) continue;
    changed ??= { ...node };
    changed[key] = next === GONE ? null : next;
  }
  return changed === null ? node : unwrapped(changed);
}

/** An `and` or `or` of which one term is left is that term. */
function unwrapped(node: Record<string, unknown>): unknown {
  const { terms } = node;
  return Array.isArray(terms) && terms.length === 1 ? terms[0] : node;
}
