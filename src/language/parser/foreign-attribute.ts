/** The attributes of other tools: TraceQL's `.amount` and `span.http.route`, the `attributes.` of OTTL, fields without `span.`. */
import { SPAN_FIELDS } from '../ast.ts';
import { attributeNameSpelling } from '../print/spelling.ts';

/** Fields that other tools call by their name alone. */
export const BARE_FIELDS: readonly string[] = ['name', 'status', 'kind', 'duration', 'service'];

/** How the attribute that `name` means in another tool is written here. */
export function attributeMeant(name: string): string {
  if (name.startsWith('.')) return attributeMeant(name.slice(1));
  if (BARE_FIELDS.includes(name)) return `span.${name}`;
  const [, prefix = '', rest = ''] = /^(span|resource)\.(.+)$/.exec(name) ?? [];
  if (prefix === 'span' && (SPAN_FIELDS as readonly string[]).includes(rest)) return name;
  const bare = (prefix === '' ? name : rest).replace(/^(?:attributes?|attr)\.(?=.)/, '');
  return spelledAttribute(prefix === 'resource' ? 'resource' : 'any', bare);
}

/** An attribute as it is written, quoted where it must be. */
export function spelledAttribute(where: 'any' | 'resource', name: string): string {
  if (where === 'resource') return `resource.${attributeNameSpelling(name, false)}`;
  // A name with a prefix would be read as what stands behind it.
  return attributeNameSpelling(name, /^(?:span|resource)\./.test(name));
}
