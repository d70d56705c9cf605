/** When a server has closed: it listens no more, and the last of its connections is gone. */
import type { Server, Socket } from 'node:net';

export class Closing {
  readonly #sockets: ReadonlySet<Socket> | ReadonlyMap<Socket, unknown>;
  readonly #server: Server;
  #begun = false;
  #waiting: (() => void)[] = [];

  constructor(server: Server, sockets: ReadonlySet<Socket> | ReadonlyMap<Socket, unknown>) {
    this.#server = server;
    this.#sockets = sockets;
  }

  get begun(): boolean {
    return this.#begun;
  }

  /** Takes no more connections. Resolves when those that are open are gone. May be called again. */
  begin(): Promise<void> {
    if (!this.#begun) {
      this.#begun = true;
      this.#server.close(() => this.look());
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.look();
    });
  }

  /** To be called when a connection has gone. */
  look(): void {
    if (!this.#begun || this.#server.listening || this.#sockets.size > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
