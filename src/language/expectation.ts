/** Which types of value a comparison can be true or false of; any other is unknown to it. */
import type { MeasureNode, ValueNode } from './ast.ts';
import type { TestNode } from './walk.ts';

export type ExpectedType = 'number' | 'text' | 'boolean' | 'array';

/** The types that the test's attribute must have one of; null: any will do. Fields of the span have types of their own. */
export function expectedTypes(test: TestNode): readonly ExpectedType[] | null {
  if (test.left.attribute.where === 'field') return null;
  if (test.left.convert === 'number') return ['number', 'text'];
  if (test.left.convert === 'text' || test.kind === 'exists') return null;
  if (test.kind === 'is-true') return ['boolean'];
  if (test.kind === 'in')
    return test.list.values === null ? null : [...new Set(test.list.values.map(typeOf))];
  switch (test.operator) {
    case 'contains':
      return ['text', 'array'];
    case 'matches':
    case 'starts_with':
    case 'ends_with':
      return ['text'];
    default:
      return test.right.kind === 'value' ? [typeOf(test.right)] : null;
  }
}

/** What `sum` and `distinct` expect of their attribute. */
export function measuredTypes(measure: MeasureNode): readonly ExpectedType[] | null {
  return measure.kind === 'sum' ? ['number'] : null;
}

function typeOf({ value }: ValueNode): ExpectedType {
  if (typeof value === 'string') return 'text';
  return typeof value === 'boolean' ? 'boolean' : 'number';
}
