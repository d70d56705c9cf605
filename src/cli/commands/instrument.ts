/** `fluo instrument`: the spans and attributes that a rule needs, as a check list and as code to start from. */
import { instrumentationOf } from '../../language/instrument.ts';
import type { Style } from '../../report/style.ts';
import { type GivenValue, isOn, optionValue } from '../arguments.ts';
import { styleOf } from '../colour.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { refuse } from '../refuse.ts';
import { readSubject } from '../subject.ts';
import { wrap } from '../wrap.ts';

export const runInstrument: Command = async (invocation, io) => {
  const { subject, diagnostics } = readSubject(io, invocation, invocation.arguments[0] as GivenValue);
  if (subject === null) return refuse(invocation, io, diagnostics);
  const style = styleOf(io, io.stdout, isOn(invocation, 'no-color'));
  const language = optionValue(invocation, 'language')?.value ?? 'all';
  const { checklist, notes, node, python } = instrumentationOf(subject.condition);
  const width = Math.min(io.stdout.columns, 100);
  const lines: string[] = [];
  for (const { span, why, items } of checklist) {
    lines.push(`${style.strong(span)}  ${style.dim(`(${why})`)}`);
    for (const item of items) lines.push(...hanging('  [ ] ', item, width));
    lines.push('');
  }
  for (const note of notes) lines.push(...hanging('Note: ', note, width));
  if (language !== 'python') lines.push(...snippet('Node', node, style));
  if (language !== 'node') lines.push(...snippet('Python', python, style));
  io.stdout.write(`${lines.join('\n')}\n`);
  return EXIT.clean;
};

function hanging(lead: string, text: string, width: number): string[] {
  return wrap(text, Math.max(40, width - lead.length)).map(
    (line, index) => (index === 0 ? lead : ' '.repeat(lead.length)) + line,
  );
}

/** Without an indentation, so that it can be copied. */
function snippet(title: string, code: string, style: Style): string[] {
  return ['', style.strong(`${title}:`), '', code.trimEnd()];
}
