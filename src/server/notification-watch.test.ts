import { describe, expect, it } from 'vitest';
import { Health } from './health.ts';
import { NotificationWatch } from './notification-watch.ts';

function watched() {
  const now = { monotonic: 0 };
  const health = new Health();
  const logged: string[] = [];
  const record = (message: string) => void logged.push(message);
  const watch = new NotificationWatch({
    clock: { wall: () => 0, monotonic: () => now.monotonic, after: () => () => {} },
    health,
    log: { debug: record, info: record, warn: record, error: record },
  });
  const failed = (receiver = 'team', isLost = false) =>
    watch.attempted({ receiver, problem: 'it answered 503', isLost });
  const delivered = (receiver = 'team') => watch.attempted({ receiver, problem: null, isLost: false });
  return { now, logged, failed, delivered, notes: () => health.report().notes };
}

describe('NotificationWatch', () => {
  it('logs the first failure and the recovery, and tells what fails three times', () => {
    const { failed, delivered, logged, notes } = watched();
    failed();
    failed();
    expect(logged).toEqual(['a notification could not be sent']);
    expect(notes()).toEqual([]);
    failed();
    expect(notes()).toMatchObject([
      {
        condition: 'notifications-failing',
        message: 'notifications cannot be sent to `team` (it answered 503)',
      },
    ]);
    delivered();
    expect(notes()).toEqual([]);
    expect(logged).toEqual([
      'a notification could not be sent',
      'a receiver of notifications can be reached again',
    ]);
    delivered();
    expect(logged).toHaveLength(2);
  });

  it('tells what fails for a minute, and what is given up, at once', () => {
    const { failed, delivered, notes, now } = watched();
    failed();
    now.monotonic = 60_000;
    failed();
    expect(notes()).toHaveLength(1);
    failed('hook', true);
    expect(notes()[0]?.message).toContain('`team` (it answered 503), `hook` (it answered 503)');
    delivered('team');
    expect(notes()[0]?.message).not.toContain('team');
    delivered('hook');
    expect(notes()).toEqual([]);
  });
});
