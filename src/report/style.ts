/** Colours of a terminal by what they mean; the plain style writes none. */

export interface Style {
  readonly error: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly note: (text: string) => string;
  readonly good: (text: string) => string;
  /** What the eye should find first. */
  readonly strong: (text: string) => string;
  /** What matters least. */
  readonly dim: (text: string) => string;
}

const same = (text: string): string => text;

export const PLAIN_STYLE: Style = {
  error: same,
  warning: same,
  note: same,
  good: same,
  strong: same,
  dim: same,
};

/** The eight colours that every terminal theme maps to something readable. */
export const ANSI_STYLE: Style = {
  error: (text) => paint(31, 39, text),
  warning: (text) => paint(33, 39, text),
  note: (text) => paint(36, 39, text),
  good: (text) => paint(32, 39, text),
  strong: (text) => paint(1, 22, text),
  dim: (text) => paint(2, 22, text),
};

function paint(on: number, off: number, text: string): string {
  return text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`;
}

/** What reporters need to know besides the report. */
export interface ReporterOptions {
  /** Of the pretty reporters. */
  readonly style: Style;
  /** Cells of a terminal's line, for the pretty reporters; 100 where it is not a terminal. */
  readonly width: number;
  /** How many findings of a rule the pretty reporter of `check` shows; 0 for all, absent for a few. */
  readonly limit?: number | undefined;
  /** Fluo's own version, for formats that name their producer. */
  readonly version: string;
}

export const PLAIN_OPTIONS: ReporterOptions = { style: PLAIN_STYLE, width: 100, version: '0.0.0' };
