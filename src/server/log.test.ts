import { describe, expect, it } from 'vitest';
import { createLog, type LogLevel, type LogOptions } from './log.ts';

function logged(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const told: LogLevel[] = [];
  const time = { now: Date.UTC(2026, 0, 1) };
  const log = createLog({
    level: 'info',
    format: 'json',
    write: (line) => lines.push(line),
    now: () => time.now,
    onMessage: (level) => told.push(level),
    ...options,
  });
  return { log, lines, told, time };
}

describe('createLog', () => {
  it('writes a line of JSON a message', () => {
    const { log, lines } = logged();
    log.info('spans are taken', { transport: 'grpc', spans: 3, files: ['a', 'b'] });
    expect(lines).toEqual([
      '{"time":"2026-01-01T00:00:00.000Z","level":"info","message":"spans are taken","transport":"grpc","spans":3,"files":["a","b"]}\n',
    ]);
  });

  it('writes text for people, with foreign text made harmless', () => {
    const { log, lines } = logged({ format: 'text' });
    log.warn('a name came', { name: '\u001b[2Jx y', plain: 'a/b:1' });
    expect(lines).toEqual(['00:00:00.000 warn  a name came name="\\u001b[2Jx y" plain=a/b:1\n']);
  });

  it('leaves out what is below the level, and counts it', () => {
    const { log, lines, told } = logged({ level: 'warn' });
    log.debug('a');
    log.info('b');
    log.error('c');
    expect(lines).toHaveLength(1);
    expect(told).toEqual(['debug', 'info', 'error']);
  });

  it('writes a message that repeats once in ten seconds, and how often it was left out', () => {
    const { log, lines, time } = logged();
    for (let i = 0; i < 5; i++) log.warn('the disk is full', { disk: 'a' });
    log.warn('another');
    time.now += 10_000;
    log.warn('the disk is full', { disk: 'a' });
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { message: 'the disk is full' },
      { message: 'another' },
      { message: 'the disk is full', repeated: 4 },
    ]);
  });

  it('writes a message with other facts, up to twenty of them in ten seconds', () => {
    const { log, lines, time } = logged();
    log.info('rules were read again', { rules: 3 });
    log.info('rules were read again', { rules: 0 });
    expect(lines).toHaveLength(2);
    for (let file = 0; file < 1_000; file++) log.error('error in a rule file', { file });
    expect(lines).toHaveLength(22);
    time.now += 10_000;
    log.error('error in a rule file', { file: 0 });
    expect(JSON.parse(lines[22] ?? '')).toMatchObject({ repeated: 980 });
  });

  it('is not silenced by a clock that goes back', () => {
    const { log, lines, time } = logged();
    log.warn('a');
    time.now -= 3_600_000;
    log.warn('a');
    expect(lines).toHaveLength(2);
  });
});
