// The network between page and gateway, as bad as a test wants it.
import http from 'node:http';
import { listen } from './port.mjs';
import { pause } from './wait.mjs';

/** Repeatable random numbers in [0, 1) (mulberry32). */
export function seeded(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * A rule is `{match: RegExp on "METHOD /path", before?, after?, change?}`: `before(req)` runs before the request goes
 * on, `after(req)` once the gateway has answered. Either may return `'drop'` (the connection is cut), a number
 * (that status instead) or a promise of these (the request waits for it). `change(body)` makes other bytes of an
 * answer, which then comes unpacked.
 */
export class Proxy {
  /** `METHOD /path` of every request, in order. */
  requests = [];
  #rules = new Set();

  static async start(gateway) {
    const proxy = new Proxy();
    proxy.target = new URL(gateway);
    proxy.server = http.createServer((req, res) => proxy.#pass(req, res));
    proxy.url = `http://127.0.0.1:${await listen(proxy.server)}`;
    return proxy;
  }

  /** Adds a rule; the function that is returned takes it away. */
  rule(rule) {
    this.#rules.add(rule);
    return () => this.#rules.delete(rule);
  }

  /** A good network again. */
  calm() {
    this.#rules.clear();
  }

  /** Holds matching requests back until the function that is returned is called. */
  hold(match) {
    let release;
    const released = new Promise((done) => (release = done));
    const away = this.rule({ match, before: () => released });
    return () => (away(), release());
  }

  /** Cuts the connection of a share of the matching requests after they have reached the gateway. */
  lose(match, share, random) {
    return this.rule({ match, after: () => (random() < share ? 'drop' : undefined) });
  }

  /** Cuts matching requests before they reach the gateway. */
  cut(match) {
    return this.rule({ match, before: () => 'drop' });
  }

  /** Requests so far that match. */
  seen(match) {
    return this.requests.filter((request) => match.test(request));
  }

  async #pass(req, res) {
    const name = `${req.method} ${req.url}`;
    this.requests.push(name);
    const rules = [...this.#rules].filter(({ match }) => match.test(name));
    if (rules.some(({ change }) => change)) req.headers['accept-encoding'] = 'identity';
    const chunks = [];
    for await (const bytes of req) chunks.push(bytes);
    for (const { before } of rules) if (this.#spoil(res, await before?.(req))) return;
    const answer = await this.#forward(req, Buffer.concat(chunks)).catch(() => 'drop');
    if (this.#spoil(res, answer)) return;
    for (const { after } of rules) if (this.#spoil(res, await after?.(req))) return;
    for (const { change } of rules.filter(({ change }) => change)) {
      answer.body = change(answer.body);
      answer.headers['content-length'] = answer.body.length;
    }
    res.writeHead(answer.status, answer.headers).end(answer.body);
  }

  #spoil(res, verdict) {
    if (verdict === 'drop') res.socket?.destroy();
    else if (typeof verdict === 'number') res.writeHead(verdict).end();
    else return res.destroyed;
    return true;
  }

  #forward({ method, url, headers }, body) {
    const { hostname, port } = this.target;
    return new Promise((done, failed) => {
      const out = http.request({ hostname, port, method, path: url, headers }, async (from) => {
        const chunks = [];
        from.on('error', failed);
        for await (const bytes of from) chunks.push(bytes);
        done({ status: from.statusCode, headers: from.headers, body: Buffer.concat(chunks) });
      });
      out.on('error', failed).end(body);
    });
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** A rule's `before` that waits. */
export const late = (ms) => () => pause(ms).then(() => undefined);
