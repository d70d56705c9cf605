/** What the tokens of a YAML text say before, and besides, what they are composed to: depth, open brackets, anchors. */
import type { CST } from 'yaml';
import type { TextRange } from '../../diagnostic/diagnostic.ts';

/** Offset of a collection nested deeper than `limit`, or null. The tokenizer is iterative and the composer is not. */
export function tooDeep(tokens: readonly CST.Token[], limit: number): number | null {
  for (const { token, depth } of tokensWithin(tokens)) {
    if ('items' in token && depth >= limit) return token.offset;
  }
  return null;
}

/** The last `[` or `{` before an offset that nothing closes, or null. */
export function openBracket(tokens: readonly CST.Token[], before: number): TextRange | null {
  let last: number | null = null;
  for (const { token } of tokensWithin(tokens)) {
    if (token.type !== 'flow-collection' || token.offset >= before) continue;
    const isClosed = token.end.some(({ type }) => type === 'flow-seq-end' || type === 'flow-map-end');
    if (!isClosed && (last === null || token.offset > last)) last = token.offset;
  }
  return last === null ? null : { start: last, end: last + 1 };
}

/** Where an anchor is written (`&name`), the last before an offset; null where there is none. */
export function anchorBefore(tokens: readonly CST.Token[], name: string, before: number): TextRange | null {
  let last: TextRange | null = null;
  for (const { token } of tokensWithin(tokens)) {
    for (const { type, offset, source } of marksOf(token)) {
      if (type !== 'anchor' || offset >= before || source !== `&${name}`) continue;
      if (last === null || offset > last.start) last = { start: offset, end: offset + source.length };
    }
  }
  return last;
}

/** All tokens, in no order. `depth` counts the collections around one. */
function* tokensWithin(
  tokens: readonly CST.Token[],
): Generator<{ readonly token: CST.Token; readonly depth: number }> {
  const open: { readonly token: CST.Token; readonly depth: number }[] = tokens.map((token) => ({
    token,
    depth: 0,
  }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    yield next;
    const { token, depth } = next;
    if (token.type === 'document') {
      if (token.value !== undefined) open.push({ token: token.value, depth });
    } else if ('items' in token) {
      for (const item of token.items) {
        if (item.key) open.push({ token: item.key, depth: depth + 1 });
        if (item.value) open.push({ token: item.value, depth: depth + 1 });
      }
    }
  }
}

/** What stands around the values of a token: blanks, comments, anchors, tags. */
function marksOf(token: CST.Token): readonly CST.SourceToken[] {
  if (token.type === 'document') return token.start;
  if (!('items' in token)) return [];
  return token.items.flatMap((item) => [...item.start, ...(item.sep ?? [])]);
}
