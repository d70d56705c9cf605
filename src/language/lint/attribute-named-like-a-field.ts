/** An attribute called `status`, `duration`, `kind`, `service` or `name`, where the span's own was probably meant. */
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import { isTextOperator } from '../operators.ts';
import { type TestNode, walkRule } from '../walk.ts';
import { finding, type Lint } from './finding.ts';

const FIELDS: ReadonlySet<string> = new Set(['status', 'duration', 'kind']);
/** Attributes of these names are common: only a text that they are compared with says that the field was meant. */
const FIELDS_OF_TEXT: ReadonlySet<string> = new Set(['service', 'name']);

/** Values of the fields, also as OTLP spells them. */
const STATUS = /^(?:status_code_)?(?:ok|error|unset)$/i;
const KIND = /^(?:span_kind_)?(?:server|client|producer|consumer|internal)$/i;

export const attributeNamedLikeAField: Lint = (rule) => {
  const found: Diagnostic[] = [];
  /** The left sides whose right side is a value of the field. */
  const certain = new Set<unknown>();
  walkRule(rule, {
    test(test) {
      if (hasValueOfField(test)) certain.add(test.left);
    },
    attribute({ where, name, quoted }, by, at) {
      // Quotes around a name that needs none say that the attribute is meant.
      if (where !== 'any' || quoted || !(FIELDS.has(name) || (FIELDS_OF_TEXT.has(name) && certain.has(by))))
        return;
      found.push(
        finding(rule, {
          code: 'FL408',
          severity: certain.has(by) ? 'warning' : 'info',
          range: at,
          message: `\`${name}\` is an attribute of that name; what every span has is \`span.${name}\``,
          help: `write \`span.${name}\`, or \`"${name}"\` where the attribute is meant`,
        }),
      );
    },
  });
  return found;
};

function hasValueOfField(test: TestNode): boolean {
  const { name } = test.left.attribute;
  const texts = textsOf(test);
  if (name === 'status') return texts.some((text) => STATUS.test(text));
  if (name === 'kind') return texts.some((text) => KIND.test(text));
  return FIELDS_OF_TEXT.has(name) && texts.length > 0;
}

/** The texts that an attribute is compared with. */
function textsOf(test: TestNode): string[] {
  const values =
    test.kind === 'in'
      ? (test.list.values ?? [])
      : test.kind === 'test' && test.right.kind === 'value'
        ? [test.right]
        : [];
  const isEquality = test.kind === 'test' && (test.operator === '==' || test.operator === '!=');
  if (test.kind === 'test' && !isEquality && !isTextOperator(test.operator)) return [];
  return values.flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
}
