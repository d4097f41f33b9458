// A slow line to a server of this machine: a TCP relay with the delay and the bandwidth of a mobile network.
//
// The debugger's own throttling adds its delay once a request, as if connections were there already. Here a connection
// costs what it costs: a round trip for TCP, one for TLS, one for the request. Slow start is left out: what is measured
// fits into the first window of a connection.
import net from 'node:net';
import { listen } from '../support/port.mjs';

const SEGMENT = 1460;

export class Line {
  /** When the last byte that waits for the radio is sent, by direction. */
  #free = { down: 0, up: 0 };
  #servers = [];

  /** `trip` is a round trip in milliseconds; `down` and `up` are bits per millisecond. */
  constructor({ trip = 150, down = 1600, up = 750 } = {}) {
    Object.assign(this, { trip, bandwidth: { down, up } });
  }

  /** Opens a way to `port` over this line and returns its own port. All ways share the bandwidth. */
  async to(port) {
    const server = net.createServer((near) => this.#relay(near, net.connect(port, '127.0.0.1')));
    this.#servers.push(server);
    return listen(server);
  }

  #relay(near, far) {
    // The near side believes it is connected; the far side hears of it after the handshake.
    const connected = performance.now() + this.trip;
    for (const [from, to, way] of [[near, far, 'up'], [far, near, 'down']]) {
      const late = [];
      const later = (act, length) => {
        late.push(act);
        // Timers may overtake each other, what they do must not.
        setTimeout(() => late.shift()(), this.#delay(way, connected, length));
      };
      from.setNoDelay(true);
      from.on('error', () => to.destroy());
      from.on('end', () => later(() => to.end(), 0));
      from.on('data', (bytes) => {
        for (let at = 0; at < bytes.length; at += SEGMENT) {
          const segment = bytes.subarray(at, at + SEGMENT);
          later(() => to.writable && to.write(segment), segment.length);
        }
      });
    }
  }

  /** Milliseconds until so many bytes, handed over now, have arrived. */
  #delay(way, connected, length) {
    const now = performance.now();
    const sent = Math.max(now, this.#free[way]) + (length * 8) / this.bandwidth[way];
    this.#free[way] = sent;
    return Math.max(sent, connected) + this.trip / 2 - now;
  }

  stop() {
    for (const server of this.#servers) server.close();
  }
}
