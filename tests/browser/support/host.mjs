// The website that embeds the elements: another origin than the gateway, with any header a test wants.
import http from 'node:http';
import { listen } from './port.mjs';

export class Host {
  /** Reports of violated policies, as browsers sent them. */
  reports = [];
  /** Paths asked for, in order. */
  requests = [];
  #pages = new Map();

  static async start() {
    const host = new Host();
    host.server = http.createServer((req, res) => host.#answer(req, res));
    // `localhost` against the gateway's 127.0.0.1: another site, not only another origin.
    host.origin = `http://localhost:${await listen(host.server)}`;
    return host;
  }

  async #answer(req, res) {
    const { pathname } = new URL(req.url, this.origin);
    this.requests.push(pathname);
    if (pathname === '/csp-report') {
      let body = '';
      for await (const bytes of req) body += bytes;
      this.reports.push(JSON.parse(body)['csp-report']);
      return res.writeHead(204).end();
    }
    const page = this.#pages.get(pathname);
    if (!page) return res.writeHead(404).end();
    return res.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...page.headers }).end(page.html);
  }

  /** Puts a page up and returns its address. `csp` is a policy; reports of it come to this server. */
  page(html, { csp, headers = {}, path = `/page-${this.#pages.size + 1}` } = {}) {
    const policy = csp ? { 'content-security-policy': `${csp}; report-uri /csp-report` } : {};
    this.#pages.set(path, { html, headers: { ...headers, ...policy } });
    return this.origin + path;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** A host page: the script tag and `body`. `query` goes behind `embed.js?`; `wasm` is that attribute of the elements. */
export const embedding = (gateway, body, { lang = 'en', nonce = '', query = 'site=clinic', head = '', dir = '', wasm } = {}) =>
  `<!doctype html>
<html lang="${lang}"${dir && ` dir="${dir}"`}>
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>A website</title>${head}
<script type="module" src="${gateway}/embed.js?${query}"${nonce && ` nonce="${nonce}"`}></script></head>
<body><main><h1>A website</h1>
${wasm ? body.replaceAll('<crm-contact', `<crm-contact wasm="${wasm}"`) : body}
</main></body></html>`;
