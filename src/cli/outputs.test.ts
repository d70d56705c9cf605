import { describe, expect, it } from 'vitest';
import { parseArguments } from './arguments.ts';
import { planOutputs } from './outputs.ts';

function plan(...options: string[]) {
  const parsed = parseArguments(['check', 'traces.json', ...options]);
  if (parsed.kind !== 'invocation') throw new Error(`not an invocation: ${JSON.stringify(parsed)}`);
  const { outputs, diagnostics } = planOutputs(parsed.invocation);
  return {
    outputs: outputs.map(({ format, file }) => `${format} > ${file?.value ?? 'standard output'}`),
    codes: diagnostics.map(({ code }) => code),
  };
}

describe('planOutputs', () => {
  it.each([
    ['nothing said', [], ['pretty > standard output']],
    ['a format alone', ['--format', 'json'], ['json > standard output']],
    [
      'the output behind its format',
      ['--format', 'pretty', '--format', 'sarif', '--output', 'a'],
      ['pretty > standard output', 'sarif > a'],
    ],
    ['the output before its format', ['--output', 'a', '--format', 'sarif'], ['sarif > a']],
    ['pairs in turn', ['-f', 'json', '-o', 'a', '-f', 'sarif', '-o', 'b'], ['json > a', 'sarif > b']],
    [
      'outputs first, then formats',
      ['-o', 'a', '-o', 'b', '-f', 'json', '-f', 'sarif'],
      ['json > a', 'sarif > b'],
    ],
    ['both in one word', ['-f', 'pretty', '-f', 'json=a=b'], ['pretty > standard output', 'json > a=b']],
    [
      'an output does not go to a format that has one',
      ['-f', 'json=a', '-o', 'b', '-f', 'sarif'],
      ['json > a', 'sarif > b'],
    ],
    ['a dash is standard output', ['-f', 'json', '-o', '-'], ['json > standard output']],
    ['the ending of a lone output', ['-o', 'report.sarif'], ['sarif > report.sarif']],
  ])('%s', (_, options, outputs) => {
    expect(plan(...options)).toEqual({ outputs, codes: [] });
  });

  it.each([
    ['two on standard output', ['-f', 'json', '-f', 'sarif'], ['FL717']],
    ['two in one file', ['-f', 'json=a', '-f', 'sarif=a'], ['FL717']],
    ['two in one file that is written in two ways', ['-f', 'json=a', '-f', 'sarif=./b/../a'], ['FL717']],
    ['an output too many', ['-f', 'json', '-o', 'a', '-o', 'b'], ['FL718']],
    ['an ending that says nothing', ['-o', 'report.out'], ['FL718']],
    ['two outputs without a format', ['-o', 'a.json', '-o', 'b.json'], ['FL718', 'FL718']],
    ['no file behind the equals sign', ['-f', 'json='], ['FL703']],
  ])('refuses %s', (_, options, codes) => {
    expect(plan(...options).codes).toEqual(codes);
  });
});
