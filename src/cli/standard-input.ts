/** `-` on the command line. */
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { commandLineError, type GivenValue, type Invocation, isOn } from './arguments.ts';
import type { Io } from './io.ts';

/** What stands in the way of reading standard input for the values that say `-`. */
export function standardInputProblems(
  io: Io,
  invocation: Invocation,
  values: readonly GivenValue[],
): Diagnostic[] {
  const [first, second] = values.filter(({ value }) => value === '-');
  if (first === undefined) return [];
  const { commandLine } = invocation;
  const problems: Diagnostic[] = [];
  if (second !== undefined) {
    problems.push(
      commandLineError(
        commandLine,
        second.range,
        'FL716',
        'standard input is named twice',
        'leave one `-` out',
      ),
    );
  }
  if (isOn(invocation, 'watch')) {
    problems.push(
      commandLineError(
        commandLine,
        first.range,
        'FL724',
        'standard input cannot be watched: it can be read only once',
        'save it to a file and name that, or leave `--watch` out',
      ),
    );
  } else if (io.stdin.isTerminal) {
    problems.push(
      commandLineError(
        commandLine,
        first.range,
        'FL716',
        'standard input is this terminal, and nothing would ever arrive',
        `pipe a file into it: \`fluo ${invocation.command.name} - < FILE\``,
      ),
    );
  }
  return problems;
}

/** All of standard input as text. */
export async function readStandardInput(io: Io): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of io.stdin.bytes()) text += decoder.decode(bytes, { stream: true });
  return text + decoder.decode();
}
