/** Foreign text made harmless in each format. What does not print becomes a visible escape everywhere. */
import { clip, printable } from '../base/printable.ts';
import type { Phrase } from './phrase.ts';

const LONGEST_TEXT = 500;

/** For XML 1.0, in text and in attributes: a bare `>` is escaped too, so that `]]>` never stands there. */
export function xmlText(text: string): string {
  return printable(text).replace(/[&<>"'\ufffe\uffff]/g, (character) => XML_ENTITIES[character] ?? '\ufffd');
}

/** As `xmlText`, for content of several lines. */
export function xmlLines(lines: readonly string[]): string {
  return lines.map(xmlText).join('\n');
}

const XML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** The message of one of GitHub's workflow commands; line feeds are allowed. */
export function githubMessage(lines: readonly string[]): string {
  return lines.map((line) => printable(line).replaceAll('%', '%25')).join('%0A');
}

/** The value of one of its properties, `file=` or `title=`. */
export function githubProperty(text: string): string {
  return printable(text).replaceAll('%', '%25').replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** Prose in Markdown, on one line: no markup, no HTML, no links, no mentions. */
export function markdownText(text: string): string {
  return printable(clip(text, LONGEST_TEXT))
    .replace(/[\\`*_[\]<>|~&]/g, (character) => (character === '&' ? '&amp;' : `\\${character}`))
    .replaceAll('@', '@&#8203;')
    .replaceAll('://', '&#58;//')
    .replace(/^(\s*)([#+-]|\d+(?=[.)]))/, (_, blanks: string, mark: string) =>
      /\d/.test(mark) ? `${blanks}${mark}&#8203;` : `${blanks}\\${mark}`,
    );
}

/**
 * A code span, also within a table: the fence is longer than any run of backticks inside. A bar is written `\|`, which a table
 * needs; outside of one the backslash would show, so `inTable` says where it stands.
 */
export function markdownCode(text: string, inTable = false): string {
  const safe = printable(clip(text, LONGEST_TEXT));
  const shown = inTable ? safe.replaceAll('|', '\\|') : safe;
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  const blank = shown === '' || /^[ `]|[ `]$/.test(shown) ? ' ' : '';
  return `${fence}${blank}${shown}${blank}${fence}`;
}

/** A fenced block; lines are neutralised one by one. */
export function markdownBlock(lines: readonly string[], language = 'text'): string {
  const safe = lines.map((line) => printable(clip(line, LONGEST_TEXT)));
  const longest = Math.max(
    2,
    ...safe.flatMap((line) => [...line.matchAll(/`+/g)].map((run) => run[0].length)),
  );
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${safe.join('\n')}\n${fence}`;
}

export function markdownPhrase(phrase: Phrase): string {
  return phrase
    .map((part) => (typeof part === 'string' ? markdownText(part) : markdownCode(part.code)))
    .join('');
}

/** What a JSON text may hold as it is, but a terminal or an editor would act on. Line feeds are the layout's. */
const UNPRINTABLE_IN_JSON = /(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** JSON in which everything that does not print is a `\u` escape: the value is the same. `indent` 0 is one line. */
export function jsonText(value: unknown, indent: 0 | 2 = 0): string {
  return JSON.stringify(value, null, indent).replace(UNPRINTABLE_IN_JSON, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** A file's name as a URI reference (RFC 3986): relative names stay relative. */
export function fileUri(name: string): string {
  const path = name.replaceAll('\\', '/');
  const encoded = path
    .split('/')
    .map((segment) => encodeURIComponent(segment.replace(LONE_SURROGATE, '\ufffd')));
  if (/^[A-Za-z]:$/.test(path.split('/')[0] ?? ''))
    return `file:///${path[0]}:/${encoded.slice(1).join('/')}`;
  return path.startsWith('/') ? `file://${encoded.join('/')}` : encoded.join('/');
}

const LONE_SURROGATE = /\p{Cs}/gu;

/** The address if it is one that a person may be sent to, else null. */
export function webAddress(text: string | null): string | null {
  if (text === null || !URL.canParse(text)) return null;
  const { protocol, href } = new URL(text);
  return protocol === 'https:' || protocol === 'http:' ? href : null;
}
