import { describe, expect, it } from 'vitest';
import { memoryIo } from './memory-io.ts';
import { Progress } from './progress.ts';

describe('Progress', () => {
  it('is quiet for 300 ms, then says how far it is and how long it takes, and leaves nothing behind', () => {
    const io = memoryIo({ argv: [], terminalColumns: 80 });
    const progress = new Progress(io, 28_000_000);
    io.clock.advance(299);
    progress.update({ file: 'day.gz', bytes: 2_000_000, spans: 5 });
    expect(io.stderr.text).toBe('');
    io.clock.advance(701);
    progress.update({ file: '/far/away/day.gz', bytes: 7_000_000, spans: 212_480 });
    expect(io.stderr.text).toBe('\rreading day.gz   25% of 28 MB   212,480 spans   about 3 s left\u001b[K');
    io.clock.advance(50);
    progress.update({ file: 'day.gz', bytes: 8_000_000, spans: 300_000 });
    expect(io.stderr.text.match(/reading/g)).toHaveLength(1);
    progress.end();
    expect(io.stderr.text.endsWith('\r\u001b[K')).toBe(true);
  });

  it('gives no estimate where the size is not known, or too little was read', () => {
    const io = memoryIo({ argv: [], terminalColumns: 80 });
    const endless = new Progress(io, null);
    io.clock.advance(400);
    endless.update({ file: '<stdin>', bytes: 1_500, spans: null });
    expect(io.stderr.text).toBe('\rreading <stdin>   1.5 kB\u001b[K');
    const early = new Progress(io, 1_000_000);
    io.clock.advance(400);
    early.update({ file: 'a', bytes: 1_000, spans: null });
    expect(io.stderr.text).not.toContain('left');
  });

  it('keeps to the width of the terminal, and says nothing where there is none', () => {
    const narrow = memoryIo({ argv: [], terminalColumns: 20 });
    const progress = new Progress(narrow, 1_000);
    narrow.clock.advance(400);
    progress.update({ file: 'a-file-with-a-long-name.json', bytes: 500, spans: 3 });
    expect(narrow.stderr.text).toBe('\rreading a-file-with\u001b[K');
    const piped = memoryIo({ argv: [] });
    const silent = new Progress(piped, 1_000);
    piped.clock.advance(400);
    silent.update({ file: 'a', bytes: 500, spans: 3 });
    silent.end();
    expect(piped.stderr.text).toBe('');
  });
});
