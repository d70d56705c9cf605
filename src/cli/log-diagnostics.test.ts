import { expect, it } from 'vitest';
import { createLog } from '../server/log.ts';
import { logDiagnostics } from './log-diagnostics.ts';

it('writes a diagnostic as a line of JSON', () => {
  const lines: string[] = [];
  const log = createLog({ level: 'info', format: 'json', write: (line) => lines.push(line), now: () => 0 });
  logDiagnostics(log, [
    {
      code: 'FL821',
      severity: 'error',
      message: 'a line is\ndamaged',
      file: '/fluo/a.jsonl',
      line: 2,
      help: 'check the disk',
    },
    { code: 'FL805', severity: 'warning', message: 'there are no rules', help: 'write one' },
  ]);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    {
      level: 'error',
      code: 'FL821',
      message: 'a line is\ndamaged',
      file: '/fluo/a.jsonl',
      line: 2,
      help: 'check the disk',
    },
    { level: 'warn', code: 'FL805', message: 'there are no rules', file: null, help: 'write one' },
  ]);
});
