/** What to say of a token behind a complete term, where only `and`, `or` or an end can stand. */
import { nearest, shorten } from '../lexer.ts';
import { type Cursor, found, rangeOf } from './cursor.ts';

export function reportJunk(cursor: Cursor, where: 'condition' | 'predicate'): void {
  const { token } = cursor;
  const ends = where === 'predicate' ? '`)`' : 'the end';
  if (/^[*+/%-]$/.test(token.text) && (token.kind === 'name' || token.kind === 'unknown')) {
    cursor.report({
      code: 'FL136',
      range: token,
      message: `expected \`and\`, \`or\` or ${ends}, but found \`${token.text}\`: the language does not calculate`,
      help: 'compare with a value, or with an attribute that holds the result',
    });
    return;
  }
  if ((token.kind === 'number' || token.kind === 'odd-number') && /^[-+]/.test(token.text)) {
    cursor.report({
      code: 'FL136',
      range: token,
      message: `expected \`and\`, \`or\` or ${ends}, but found \`${shorten(token.text)}\`: the language does not calculate`,
      help: 'compare with a value, or with an attribute that holds the result',
    });
    return;
  }
  const near =
    token.kind === 'name' && !token.keyword && !token.call ? nearest(token.text, ['and', 'or']) : null;
  cursor.report({
    code: 'FL114',
    range: token,
    message: `expected \`and\`, \`or\` or ${ends}, but found ${found(token)}${near === null ? '' : `: did you mean \`${near}\`?`}`,
    help:
      token.text === ';'
        ? 'take the `;` away: a rule ends where its text ends'
        : token.text.startsWith('#')
          ? 'a comment begins with `//`'
          : token.kind === 'odd-name' || /^[/:@?]/.test(token.text)
            ? `quote a name that has other characters or blanks in it, as in \`"POST /checkout"\``
            : 'join terms with `and` or `or`, or take it away',
    fix: near === null ? undefined : { range: rangeOf(token), text: near },
  });
}
