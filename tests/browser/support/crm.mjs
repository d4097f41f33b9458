// A CRM that listens to webhooks, remembers each, and can be told to answer badly.
import http from 'node:http';
import { listen } from './port.mjs';

/** How the CRM may answer. */
const answers = {
  ok: (res) => res.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
  busy: (res) => res.writeHead(429, { 'retry-after': '1' }).end(),
  broken: (res) => res.writeHead(500).end('broken'),
  reset: (res) => res.socket.destroy(),
  hang: () => {},
};

export class Crm {
  /** One of `ok`, `busy`, `broken`, `reset`, `hang`. */
  mode = 'ok';
  /** Every delivery in order: `{id, body, mode}`, `id` being the header `webhook-id`. */
  deliveries = [];

  static async start() {
    const crm = new Crm();
    crm.server = http.createServer((req, res) => crm.#hear(req, res));
    crm.url = `http://127.0.0.1:${await listen(crm.server)}/hook`;
    return crm;
  }

  async #hear(req, res) {
    let body = '';
    for await (const bytes of req.setEncoding('utf8')) body += bytes;
    this.deliveries.push({ id: req.headers['webhook-id'], body, mode: this.mode });
    answers[this.mode](res);
  }

  /** What took effect: accepted deliveries whose body contains `token`, each id once, parsed. */
  effects(token) {
    const taken = this.deliveries.filter(({ mode, body }) => mode === 'ok' && body.includes(token));
    return [...new Map(taken.map(({ id, body }) => [id, JSON.parse(body)])).values()];
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
