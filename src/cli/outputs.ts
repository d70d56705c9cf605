/**
 * Which report goes where, of `--format` and `--output` in the order given.
 *
 *     --format pretty --format sarif --output out.sarif      the output belongs to the format before it that has no file yet
 *     --output out.sarif --format sarif                      else to the next format after it
 *     --format pretty --format sarif=out.sarif               both in one word
 *     --output report.md                                     with no format at all: the ending of the file says it
 */
import { extname, normalize } from 'node:path';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { ReportFormat } from '../report/reporters.ts';
import { commandLineError, type GivenValue, type Invocation } from './arguments.ts';

export interface PlannedOutput {
  readonly format: ReportFormat;
  /** As given; null for standard output. */
  readonly file: GivenValue | null;
}

export interface OutputPlan {
  /** At least one, in the order given; at most one with no file. */
  readonly outputs: readonly PlannedOutput[];
  readonly diagnostics: readonly Diagnostic[];
}

const FORMAT_BY_ENDING: Readonly<Record<string, ReportFormat>> = {
  '.json': 'json',
  '.jsonl': 'jsonl',
  '.sarif': 'sarif',
  '.xml': 'junit',
  '.md': 'markdown',
  '.txt': 'pretty',
};

export function planOutputs(invocation: Invocation): OutputPlan {
  const planner = new OutputPlanner(invocation);
  for (const option of invocation.options) {
    if (option.value === null) continue;
    if (option.name === 'format') planner.format(option.value);
    if (option.name === 'output') planner.output(option.value);
  }
  return planner.plan();
}

interface Slot {
  readonly format: ReportFormat;
  readonly given: GivenValue;
  file: GivenValue | null;
}

class OutputPlanner {
  readonly #invocation: Invocation;
  readonly #slots: Slot[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  /** Outputs that wait for the next format. */
  readonly #waiting: GivenValue[] = [];

  constructor(invocation: Invocation) {
    this.#invocation = invocation;
  }

  format(given: GivenValue): void {
    const equals = given.value.indexOf('=');
    // The parser of arguments has seen to it that the part before the equals sign is a format.
    const format = (equals === -1 ? given.value : given.value.slice(0, equals)) as ReportFormat;
    let file: GivenValue | null = null;
    if (equals !== -1) {
      file = { value: given.value.slice(equals + 1), range: given.range };
      if (file.value === '')
        this.#object('FL703', given, 'a file is missing behind `=`', `say \`--format ${format}=FILE\``);
    } else {
      file = this.#waiting.shift() ?? null;
    }
    this.#slots.push({ format, given, file });
  }

  output(given: GivenValue): void {
    const free = this.#slots.findLast((slot) => slot.file === null);
    if (free === undefined) this.#waiting.push(given);
    else free.file = given;
  }

  plan(): OutputPlan {
    const [alone, ...more] = this.#waiting;
    if (this.#slots.length === 0 && alone !== undefined && more.length === 0) this.#byEnding(alone);
    else for (const output of this.#waiting) this.#withoutFormat(output);
    if (this.#slots.length === 0 && this.#diagnostics.length === 0) {
      return { outputs: [{ format: 'pretty', file: null }], diagnostics: [] };
    }
    this.#sameDestination();
    const outputs = this.#slots.map(({ format, file }) => ({
      format,
      file: file?.value === '-' ? null : file,
    }));
    return { outputs, diagnostics: this.#diagnostics };
  }

  #byEnding(output: GivenValue): void {
    const format = FORMAT_BY_ENDING[extname(output.value)];
    const choices =
      this.#invocation.command.options.find((option) => option.name === 'format')?.choices ?? [];
    if (format === undefined || !choices.includes(format)) this.#withoutFormat(output);
    else this.#slots.push({ format, given: output, file: output });
  }

  #withoutFormat(output: GivenValue): void {
    this.#object(
      'FL718',
      output,
      `no \`--format\` is left for the output \`${output.value}\``,
      `say \`--format FORMAT=${output.value}\`, for example \`--format json=${output.value}\``,
    );
  }

  #sameDestination(): void {
    const seen = new Set<string>();
    for (const { format, given, file } of this.#slots) {
      const destination = file === null ? '-' : normalize(file.value);
      if (seen.has(destination)) {
        const where = destination === '-' ? 'standard output' : `\`${destination}\``;
        this.#object(
          'FL717',
          given,
          `two reports go to ${where}`,
          `give one of them a file of its own, for example \`--format ${format}=report.${endingOf(format)}\``,
        );
      }
      seen.add(destination);
    }
  }

  #object(code: Diagnostic['code'], given: GivenValue, message: string, help: string): void {
    this.#diagnostics.push(commandLineError(this.#invocation.commandLine, given.range, code, message, help));
  }
}

function endingOf(format: ReportFormat): string {
  const ending = Object.entries(FORMAT_BY_ENDING).find(([, known]) => known === format)?.[0];
  return (ending ?? '.txt').slice(1);
}
