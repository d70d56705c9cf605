/**
 * Layout of text within a line width: a document is text with places where a line may end, and a group is set on one line
 * when it fits and broken at all of its own places when it does not (after Wadler, "A prettier printer", and its strict
 * variant by Lindig).
 */

export type Layout = string | readonly Layout[] | Line | Indent | Group | Either | Remark;

/** A place where a line may end: flat it is `flat`. `hard`: the line always ends here. */
interface Line {
  readonly kind: 'line';
  readonly flat: '' | ' ';
  readonly hard: boolean;
}
interface Indent {
  readonly kind: 'indent';
  readonly content: Layout;
}
interface Group {
  readonly kind: 'group';
  readonly content: Layout;
  readonly broken: boolean;
}
/** One text in a broken group, another in a flat one. */
interface Either {
  readonly kind: 'either';
  readonly broken: string;
  readonly flat: string;
}
/** A comment: it waits for the end of the line that it stands in, whatever else comes on that line. */
interface Remark {
  readonly kind: 'remark';
  readonly text: string;
  /** Whether something of the enclosing groups must come on a later line. */
  readonly breaks: boolean;
}

export const line: Layout = { kind: 'line', flat: ' ', hard: false };
export const softLine: Layout = { kind: 'line', flat: '', hard: false };
export const hardLine: Layout = { kind: 'line', flat: ' ', hard: true };

export function indent(content: Layout): Layout {
  return { kind: 'indent', content };
}

export function group(content: Layout): Layout {
  return { kind: 'group', content, broken: mustBreak(content) };
}

export function either(broken: string, flat: string): Layout {
  return { kind: 'either', broken, flat };
}

export function remark(text: string, breaks: boolean): Layout {
  return { kind: 'remark', text, breaks };
}

const INDENT = 2;

interface Pending {
  readonly content: Layout;
  readonly depth: number;
  readonly flat: boolean;
}

/** Sets a document in lines of at most `width` columns where its places allow; no blanks at line ends. */
export function setLayout(document: Layout, width: number): string {
  const lines: string[] = [];
  let current = '';
  let remarks = '';
  const pending: Pending[] = [{ content: document, depth: 0, flat: false }];
  const endLine = (): void => {
    lines.push((current + remarks).trimEnd());
    remarks = '';
  };
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { content, depth, flat } = next;
    if (typeof content === 'string') {
      current += content;
    } else if (isList(content)) {
      for (let at = content.length - 1; at >= 0; at--) {
        pending.push({ content: content[at] ?? '', depth, flat });
      }
    } else if (content.kind === 'indent') {
      pending.push({ content: content.content, depth: depth + INDENT, flat });
    } else if (content.kind === 'group') {
      const inner = { content: content.content, depth, flat: true };
      const fitsFlat = !content.broken && (flat || fits(inner, pending, width - current.length));
      pending.push(fitsFlat ? inner : { ...inner, flat: false });
    } else if (content.kind === 'either') {
      current += flat ? content.flat : content.broken;
    } else if (content.kind === 'remark') {
      remarks += ` ${content.text}`;
    } else if (flat) {
      current += content.flat;
    } else {
      endLine();
      current = ' '.repeat(depth);
    }
  }
  endLine();
  return lines.join('\n');
}

/** Whether what is set next, and what stands behind it up to the next end of a line, leaves the line within its width. */
function fits(first: Pending, rest: readonly Pending[], room: number): boolean {
  const pending: Pending[] = [first];
  let left = room;
  let behind = rest.length;
  while (left >= 0) {
    let next = pending.pop();
    if (next === undefined) {
      if (behind === 0) return true;
      behind--;
      next = rest[behind];
      if (next === undefined) return true;
    }
    const { content, depth, flat } = next;
    if (typeof content === 'string') left -= content.length;
    else if (isList(content)) {
      for (let at = content.length - 1; at >= 0; at--) {
        pending.push({ content: content[at] ?? '', depth, flat });
      }
    } else if (content.kind === 'indent') pending.push({ content: content.content, depth, flat });
    else if (content.kind === 'group') {
      pending.push({ content: content.content, depth, flat: flat || !content.broken });
    } else if (content.kind === 'either') left -= (flat ? content.flat : content.broken).length;
    else if (content.kind === 'line') {
      if (!flat) return true;
      left -= content.flat.length;
    }
  }
  return false;
}

function mustBreak(content: Layout): boolean {
  if (typeof content === 'string') return false;
  if (isList(content)) return content.some(mustBreak);
  if (content.kind === 'line') return content.hard;
  if (content.kind === 'remark') return content.breaks;
  if (content.kind === 'group') return content.broken;
  return content.kind === 'indent' && mustBreak(content.content);
}

function isList(content: Layout): content is readonly Layout[] {
  return Array.isArray(content);
}
