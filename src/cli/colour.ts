/** Whether an output gets colours: what a person said, else what the environment says, else whether it is a terminal. */
import { ANSI_STYLE, PLAIN_STYLE, type Style } from '../report/style.ts';
import type { Io, Output } from './io.ts';

/**
 * In this order: `--no-color`; `NO_COLOR` (https://no-color.org: any text but the empty one); `FORCE_COLOR` (any text but the
 * empty one and `0`); `TERM=dumb`; and then only terminals are coloured.
 */
export function hasColour(io: Io, output: Output, noColor: boolean): boolean {
  const { NO_COLOR = '', FORCE_COLOR = '', TERM } = io.env;
  if (noColor || NO_COLOR !== '') return false;
  if (FORCE_COLOR !== '') return FORCE_COLOR !== '0';
  return output.isTerminal && TERM !== 'dumb';
}

export function styleOf(io: Io, output: Output, noColor: boolean): Style {
  return hasColour(io, output, noColor) ? ANSI_STYLE : PLAIN_STYLE;
}
