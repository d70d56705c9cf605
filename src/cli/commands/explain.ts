/** `fluo explain`: a rule in English, or a code of a message. */
import { didYouMean } from '../../base/suggest.ts';
import { CODES, type CodeEntry } from '../../diagnostic/codes.ts';
import type { Style } from '../../report/style.ts';
import { commandLineError, type GivenValue, type Invocation, isOn } from '../arguments.ts';
import { styleOf } from '../colour.ts';
import type { Command } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { indented, wrap } from '../wrap.ts';

export const runExplain: Command = async (invocation, io) => {
  const given = invocation.arguments[0] as GivenValue;
  const style = styleOf(io, io.stdout, isOn(invocation, 'no-color'));
  if (/^[A-Za-z]{2}\d+$/.test(given.value)) return explainCode(invocation, io, given, style);
  // Rules need the whole language, codes only their table.
  const { explainRule } = await import('./explain-rule.ts');
  return explainRule(invocation, io, given, style);
};

async function explainCode(
  invocation: Invocation,
  io: Io,
  given: GivenValue,
  style: Style,
): Promise<ExitCode> {
  const code = given.value.toUpperCase();
  const entry = (CODES as Readonly<Record<string, CodeEntry>>)[code];
  if (entry === undefined) {
    const near = didYouMean(code, Object.keys(CODES));
    const help = near !== '' ? near : 'say a code as messages have it, such as `FL201`';
    const wrong = commandLineError(
      invocation.commandLine,
      given.range,
      'FL720',
      `no message has the code \`${code}\``,
      help,
    );
    const { refuse } = await import('../refuse.ts');
    return refuse(invocation, io, [wrong]);
  }
  const width = Math.min(io.stdout.columns, 100);
  const lines = [
    `${style.strong(code)} ${entry.name}`,
    '',
    `${entry.title}.`,
    '',
    ...wrap(entry.explanation, width),
  ];
  if (entry.bad !== undefined) lines.push('', `${style.error('Wrong')}:`, '', indented(entry.bad));
  if (entry.good !== undefined) lines.push('', `${style.good('Right')}:`, '', indented(entry.good));
  io.stdout.write(`${lines.join('\n')}\n`);
  return EXIT.clean;
}
