/** Environments and exceptions: which spans may trigger a rule. They speak of trigger spans; requirements see all spans. */
import { type AttributeNode, SPAN_FIELDS } from '../../language/ast.ts';
import type { AttributeValue } from '../../trace/attribute-value.ts';
import type { Span } from '../../trace/span.ts';
import type { JudgedException, JudgedRule } from '../judged-rule.ts';
import type { JudgeSettings } from '../verdict.ts';
import { compareValues, readAttribute, valueKey } from './attribute.ts';
import type { Scope } from './scope.ts';

export const ENVIRONMENT_KEYS = ['deployment.environment.name', 'deployment.environment'] as const;

/** Whether the span is of one of the rule's environments; a span that names none is of the default one, if there is one. */
export function isOfEnvironment(
  rule: Pick<JudgedRule, 'environments'>,
  span: Span,
  scope: Scope,
  settings: JudgeSettings,
): boolean {
  if (rule.environments === null) return true;
  const environment = environmentOf(span, scope) ?? settings.defaultEnvironment;
  return environment !== null && rule.environments.includes(environment);
}

function environmentOf(span: Span, scope: Scope): string | null {
  for (const name of ENVIRONMENT_KEYS) {
    const value = readAttribute(span, { where: 'any', name }, scope);
    if (typeof value === 'string' && value !== '') return value;
  }
  return null;
}

/** The first exception that excepts the span, or null. */
export function exceptionOf(
  exceptions: readonly JudgedException[],
  span: Span,
  scope: Scope,
): JudgedException | null {
  return exceptions.find((exception) => excepts(exception, span, scope)) ?? null;
}

function excepts({ fields, values }: JudgedException, span: Span, scope: Scope): boolean {
  const actual = fields.map((field) => readAttribute(span, attributeNamed(field), scope));
  return values.some((row) => row.every((wanted, column) => equals(actual[column], wanted)));
}

function equals(actual: AttributeValue | undefined, wanted: AttributeValue): boolean {
  if (actual === undefined) return false;
  return compareValues(actual, '==', wanted) ?? valueKey(actual) === valueKey(wanted);
}

/** An attribute by the name that a rule would use for it: `span.X`, `resource.X`, plain, or any name in quotes. */
export function attributeNamed(text: string): Pick<AttributeNode, 'where' | 'name'> {
  if (text.length > 1 && text.startsWith('"') && text.endsWith('"')) {
    return { where: 'any', name: text.slice(1, -1) };
  }
  const field = SPAN_FIELDS.find((name) => text === `span.${name}`);
  if (field !== undefined) return { where: 'field', name: field };
  if (text.startsWith('resource.')) return { where: 'resource', name: text.slice('resource.'.length) };
  return { where: 'any', name: text };
}
