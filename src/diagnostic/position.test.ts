import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeFrame, positionOf } from './position.ts';

const frameOf = (text: string, marked: string) => {
  const start = text.indexOf(marked);
  return codeFrame({ name: 'rule', text }, { start, end: start + marked.length });
};
const drawn = (...lines: string[]) => lines.join('\n');

describe('positionOf', () => {
  it.each([
    ['abc', 0, 1, 1],
    ['abc', 3, 1, 4],
    ['a\nbc', 2, 2, 1],
    ['a\r\nbc', 4, 2, 2],
    ['a\n', 2, 2, 1],
    ['abc', 99, 1, 4],
    ['abc', -1, 1, 1],
    ['😀x', 2, 1, 3],
  ])('of %j at %i is %i:%i', (text, offset, line, column) => {
    expect(positionOf(text, offset)).toEqual({ line, column });
  });
});

describe('codeFrame', () => {
  it('shows the line, one before it, and carets', () => {
    expect(frameOf('when {\n  a and trace.hass(b)\n}', 'hass')).toBe(
      drawn('1 | when {', '2 |   a and trace.hass(b)', '  |               ^^^^'),
    );
  });

  it('keeps carets below tabs, wide and combining characters', () => {
    expect(frameOf('\t漢字 e\u0301 bad', 'bad')).toBe(drawn('1 |  漢字 e\u0301 bad', '  |         ^^^'));
  });

  it('marks each line of a range over several', () => {
    expect(frameOf('a {\n  b\n    c }', '{\n  b\n    c }')).toBe(
      drawn('1 | a {', '  |   ^', '2 |   b', '  |   ^', '3 |     c }', '  |     ^^^'),
    );
  });

  it('leaves the middle of a long range out', () => {
    const text = Array.from({ length: 12 }, (_, line) => `line${line + 1}`).join('\n');
    expect(codeFrame({ name: 'rule', text }, { start: 6, end: text.length })).toBe(
      drawn(
        ' 1 | line1',
        ' 2 | line2',
        '   | ^^^^^',
        ' 3 | line3',
        '   | ^^^^^',
        '   ...',
        '12 | line12',
        '   | ^^^^^^',
      ),
    );
  });

  it('shows what would move the cursor as an escape', () => {
    expect(frameOf('a\u001b[2J b', 'b')).toBe(drawn('1 | a\\x1b[2J b', '  |          ^'));
  });

  it('cuts a long line around the range', () => {
    const frame = frameOf(`${'x'.repeat(5000)} bad ${'y'.repeat(5000)}`, 'bad');
    const [line = '', carets = ''] = frame.split('\n');
    expect(line.length).toBeLessThan(180);
    expect(line).toMatch(/^1 \| ….*…$/);
    expect(line.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('bad');
  });

  it('marks the end of the text with one caret', () => {
    expect(codeFrame({ name: 'rule', text: 'a and' }, { start: 5, end: 5 })).toBe(
      drawn('1 | a and', '  |      ^'),
    );
    expect(codeFrame({ name: 'rule', text: '' }, { start: 0, end: 0 })).toBe(drawn('1 |', '  | ^'));
  });

  it('has lines that fit a screen, and carets, for any text and range', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('a', ' ', '\n', '\t', '漢', '\u001b', '\ud800', '\r'),
          maxLength: 400,
        }),
        fc.nat(420),
        fc.nat(420),
        (text, from, length) => {
          const frame = codeFrame({ name: 'rule', text }, { start: from, end: from + length });
          expect(frame).toContain('^');
          expect(frame).not.toMatch(/(?!\n)[\p{Cc}\p{Cs}]/u);
          expect(frame.split('\n').length).toBeLessThanOrEqual(12);
        },
      ),
      { seed: 43 },
    );
  });
});
