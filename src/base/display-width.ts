/** How many cells of a terminal a text takes: East Asian wide characters and emoji take two, combining marks none. */

const NOTHING = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]$/u;

/** First and last code points of the blocks that terminals draw two cells wide (Unicode's East Asian Width, W and F). */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1faff],
  [0x20000, 0x3fffd],
];

/** Cells of one code point. */
function widthOfCharacter(character: string): 0 | 1 | 2 {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0x20 && code < 0x7f) return 1;
  if (NOTHING.test(character)) return 0;
  return WIDE.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}

export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += widthOfCharacter(character);
  return width;
}

/** Cuts to at most `width` cells, with `…` in the last one when something was cut off. */
export function fitWidth(text: string, width: number): string {
  if (text.length <= width && displayWidth(text) <= width) return text;
  let used = 0;
  let kept = '';
  let room = true;
  for (const character of text) {
    const cells = widthOfCharacter(character);
    if (used + cells > width) {
      room = false;
      break;
    }
    used += cells;
    kept += character;
  }
  if (room) return text;
  while (used > width - 1 && kept !== '') {
    const last = [...kept].at(-1) ?? '';
    kept = kept.slice(0, kept.length - last.length);
    used -= widthOfCharacter(last);
  }
  return width < 1 ? '' : `${kept}…`;
}

/** As `fitWidth`, with `…` inside: a third of the room shows how the text begins, the rest how it ends. */
export function fitMiddle(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  const head = fitWidth(text, Math.max(1, Math.floor(width / 3)));
  const room = width - displayWidth(head);
  let tail = '';
  let used = 0;
  for (const character of [...text].reverse()) {
    used += widthOfCharacter(character);
    if (used > room) break;
    tail = character + tail;
  }
  return head + tail;
}

/** Pads with blanks on the right to `width` cells; longer text stays as it is. */
export function padWidth(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}
