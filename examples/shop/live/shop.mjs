/**
 * The live shop: seven services and its customers, each a process of its own, instrumented with the OpenTelemetry SDK, that send
 * their traces over the network. Its failures can be switched on and off while it runs.
 *
 *     customers ─┬─> frontend ──> checkout ─┬─> inventory
 *                │       └──> inventory     └─> payment
 *                ├─> accounts
 *                ├─> clinic
 *                └─> assistant
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { SWITCHES } from './switches.mjs';

export const SERVICES = ['inventory', 'payment', 'checkout', 'frontend', 'accounts', 'clinic', 'assistant'];

/**
 * Starts all processes and resolves when they are there. No customers come until `open` or `visit` is called.
 *
 * @param {object} options
 * @param {{ http: string, grpc: string }} options.otlp where traces go: URL with path for HTTP, `http://host:port` for gRPC
 * @param {number} [options.seed]
 * @param {number} [options.exportEveryMs] how long the SDK holds finished spans
 * @param {number} [options.slow] the simulated work takes this many times its usual duration
 * @param {string} [options.protocol] the one with which all services send, instead of one of each
 * @param {(text: string) => void} [options.onTrouble] told what a process writes to standard error, and of one that ends
 */
export async function startShop({
  otlp,
  seed = 7,
  exportEveryMs = 500,
  slow = 1,
  protocol,
  onTrouble = () => {},
}) {
  const running = new Map();
  const on = new Set();
  let stopping = false;

  async function start(name, module, index) {
    const child = fork(fileURLToPath(new URL(module, import.meta.url)), [name], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: {
        ...process.env,
        SHOP_SETTINGS: JSON.stringify({ otlp, seed: seed + index * 100, exportEveryMs, slow, protocol }),
      },
    });
    child.stderr.on('data', (text) => onTrouble(`${name}: ${String(text).trimEnd()}`));
    child.once('exit', (code) => {
      running.delete(name);
      if (!stopping) onTrouble(`${name} ended with exit code ${code}`);
    });
    running.set(name, child);
    const [message] = await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`the shop's ${name} could not start (exit code ${code})`);
      }),
    ]);
    return message.port;
  }

  const tell = (message) => {
    for (const child of running.values()) if (child.connected) child.send(message);
  };

  async function stop() {
    stopping = true;
    const ends = [...running.values()].map((child) => once(child, 'exit'));
    tell({ kind: 'stop' });
    const killer = setTimeout(() => {
      for (const child of running.values()) child.kill('SIGKILL');
    }, 5_000);
    await Promise.all(ends);
    clearTimeout(killer);
  }

  try {
    const ports = await Promise.all(SERVICES.map((name, index) => start(name, 'process.mjs', index)));
    await start('customers', 'load.mjs', SERVICES.length);
    const addresses = Object.fromEntries(
      SERVICES.map((name, index) => [name, `http://127.0.0.1:${ports[index]}`]),
    );
    tell({ kind: 'addresses', addresses });
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    switches: () => SWITCHES.map((one) => ({ ...one, isOn: on.has(one.id) })),
    /** Whether there is such a switch. */
    set(id, isOn) {
      if (!SWITCHES.some((one) => one.id === id)) return false;
      on[isOn ? 'add' : 'delete'](id);
      tell({ kind: 'switch', id, isOn });
      return true;
    },
    /** Customers come at this rate from now on. */
    open: (perSecond) => running.get('customers')?.send({ kind: 'rate', perSecond }),
    /** So many visits as fast as the shop answers; resolves with how many there were and how many failed. */
    async visit(count) {
      const customers = running.get('customers');
      customers.send({ kind: 'run', count });
      const [message] = await once(customers, 'message');
      return message;
    },
    /** Sends what the SDKs still hold. */
    async flush() {
      await Promise.all(
        SERVICES.map(async (name) => {
          const child = running.get(name);
          child.send({ kind: 'flush' });
          await once(child, 'message');
        }),
      );
    },
    stop,
  };
}
