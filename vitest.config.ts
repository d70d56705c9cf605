import { defineConfig } from 'vitest/config';

const long = process.env['FLUO_LONG'] === '1';

export default defineConfig({
  test: {
    include: long
      ? ['{src,test,library,examples}/**/*.long.test.ts']
      : ['{src,test,library,examples}/**/*.test.ts'],
    exclude: ['**/node_modules/**', ...(long ? [] : ['**/*.long.test.ts'])],
    testTimeout: long ? 600_000 : 20_000,
    pool: 'threads',
  },
});
