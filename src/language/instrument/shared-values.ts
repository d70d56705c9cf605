/** Values that several spans must have in common become one variable of a snippet. */
import type { SpanNeed } from '../needs.ts';
import type { ExampleValue } from './example.ts';

export interface SharedValue {
  /** Words of the variable's name, in small letters. */
  readonly words: readonly string[];
  readonly value: ExampleValue;
}

/** By `index name` of span and attribute; null stands for spans that are not shown. */
export function sharedValues(needs: readonly (SpanNeed | null)[]): ReadonlyMap<string, SharedValue> {
  const shared = new Map<string, SharedValue>();
  const taken = new Set<string>();
  needs.forEach((need, at) => {
    for (const { name, sameAs, example } of need?.attributes ?? []) {
      if (sameAs === null || needs[sameAs.span] === null) continue;
      const other = `${sameAs.span} ${sameAs.attribute}`;
      const known = shared.get(other) ?? shared.get(`${at} ${name}`);
      const theirs = needs[sameAs.span]?.attributes.find((one) => one.name === sameAs.attribute)?.example;
      const value = known ?? {
        words: freeName(sameAs.attribute, taken),
        value: theirs ?? example ?? 'example',
      };
      shared.set(other, value);
      shared.set(`${at} ${name}`, value);
    }
  });
  keysInCommon(needs, shared, taken);
  return shared;
}

/** The key of `across` is the same on all spans. */
function keysInCommon(
  needs: readonly (SpanNeed | null)[],
  shared: Map<string, SharedValue>,
  taken: Set<string>,
): void {
  needs.forEach((need, at) => {
    for (const { name, key, example } of need?.attributes ?? []) {
      if (!key || shared.has(`${at} ${name}`)) continue;
      const other = needs.findIndex(
        (one, index) =>
          index !== at && one?.attributes.some((attribute) => attribute.key && attribute.name === name),
      );
      if (other === -1) continue;
      const known = shared.get(`${other} ${name}`);
      shared.set(`${at} ${name}`, known ?? { words: freeName(name, taken), value: example ?? 'example' });
    }
  });
}

function freeName(attribute: string, taken: Set<string>): string[] {
  const words = attribute.split(/[^A-Za-z0-9]+/).flatMap((part) => part.split(/(?<=[a-z0-9])(?=[A-Z])/));
  const name = words.filter((word) => word !== '').map((word) => word.toLowerCase());
  if (name.length === 0 || /^\d/.test(name[0] ?? '')) name.unshift('value');
  // `id` alone could be a word of a language, or the tracer's.
  if (name.length === 1) name.unshift('the');
  for (let number = 2; taken.has(name.join(' ')); number++) name.splice(-1, 1, `${name.at(-1)}${number}`);
  taken.add(name.join(' '));
  return name;
}
