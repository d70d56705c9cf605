/** Predicates, attributes and values as text with places to break. */
import type { AttributeNode, LeftNode, ListNode, PredicateNode, RightNode, ValueNode } from '../ast.ts';
import { group, indent, type Layout, line, softLine } from './layout.ts';
import { attributeNameSpelling, textSpelling } from './spelling.ts';

export function predicateLayout(predicate: PredicateNode): Layout {
  switch (predicate.kind) {
    case 'p-and':
    case 'p-or':
      return group(
        predicate.terms.map((term, at) => [
          at === 0 ? '' : [line, predicate.kind === 'p-and' ? 'and ' : 'or '],
          needsParentheses(term, predicate.kind)
            ? inParentheses(predicateLayout(term))
            : predicateLayout(term),
        ]),
      );
    case 'p-not': {
      const { term } = predicate;
      const bare = term.kind === 'is-true' || term.kind === 'p-not';
      return ['not ', bare ? predicateLayout(term) : inParentheses(predicateLayout(term))];
    }
    case 'test':
      return [leftSpelling(predicate.left), ` ${predicate.operator} `, rightSpelling(predicate.right)];
    case 'in':
      return [
        leftSpelling(predicate.left),
        predicate.negated ? ' not in ' : ' in ',
        listLayout(predicate.list),
      ];
    case 'exists':
      return [leftSpelling(predicate.left), predicate.negated ? ' not exists' : ' exists'];
    case 'is-true':
      return leftSpelling(predicate.left);
  }
}

export function attributeSpelling({ where, name, quoted }: AttributeNode): string {
  if (where === 'field') return `span.${name}`;
  if (where === 'resource') return `resource.${attributeNameSpelling(name, quoted)}`;
  // A plain name that begins like a prefix would be read as one.
  return attributeNameSpelling(name, quoted || /^(?:span|resource)\./.test(name));
}

/** A value as it was written; digits stay as they are. */
function valueSpelling(value: ValueNode): string {
  return typeof value.value === 'string' ? textSpelling(value.value, value.bare) : value.raw;
}

function rightSpelling(right: RightNode): string {
  if (right.kind === 'value') return valueSpelling(right);
  if (right.kind === 'duration') return right.raw;
  return `${right.of}.${attributeSpelling(right.attribute)}`;
}

function leftSpelling(left: LeftNode): string {
  const attribute = attributeSpelling(left.attribute);
  return left.convert === null ? attribute : `${left.convert}(${attribute})`;
}

export function inParentheses(content: Layout): Layout {
  return group(['(', indent([softLine, content]), softLine, ')']);
}

function listLayout(list: ListNode): Layout {
  if (list.kind === 'list-macro') return `$${list.name}`;
  return group([
    '[',
    indent([softLine, list.values.map((value, at) => [at === 0 ? '' : [',', line], valueSpelling(value)])]),
    softLine,
    ']',
  ]);
}

/** `and` binds tighter than `or`; a list within a list of its own kind keeps its parentheses, for the tree keeps its shape. */
function needsParentheses(term: PredicateNode, within: 'p-and' | 'p-or'): boolean {
  return term.kind === 'p-or' || (term.kind === 'p-and' && within === 'p-and');
}
