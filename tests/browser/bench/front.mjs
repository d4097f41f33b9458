// What stands before a website or a gateway in service: TLS and HTTP/2.
import { X509Certificate, createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import { join } from 'node:path';
import { listen } from '../support/port.mjs';
import { run } from '../support/process.mjs';

/** A self-signed certificate in `folder`, and the browser's flag that trusts its key. */
export async function certificate(folder) {
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder, name));
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
  const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  await run('openssl', ['req', '-x509', ...kind, ...names, '-keyout', key, '-out', cert]);
  const pem = { key: readFileSync(key), cert: readFileSync(cert) };
  const spki = new X509Certificate(pem.cert).publicKey.export({ type: 'spki', format: 'der' });
  const hash = createHash('sha256').update(spki).digest('base64');
  return { pem, flag: `--ignore-certificate-errors-spki-list=${hash}` };
}

/** A server of files by path (`{type, body, encoding?}`); what it doesn't have is asked of `behind`, a port. */
export class Front {
  static async start(pem, files, behind) {
    const front = new Front();
    front.server = http2.createSecureServer({ ...pem, allowHTTP1: true }, (req, res) => {
      const file = files.get(req.url);
      if (file) return give(res, file);
      return behind ? pass(req, res, behind) : res.writeHead(404).end();
    });
    front.port = await listen(front.server);
    return front;
  }

  stop() {
    this.server.close();
  }
}

function give(res, { type, body, encoding }) {
  const headers = { 'content-type': `${type}; charset=utf-8`, 'content-length': body.length };
  res.writeHead(200, { ...headers, ...(encoding && { 'content-encoding': encoding }) }).end(body);
}

/** Headers that belong to one connection, and HTTP/2's own. */
const hop = /^:|^(connection|keep-alive|transfer-encoding)$/;

const agent = new http.Agent({ keepAlive: true });

function pass(req, res, port) {
  const kept = (headers) => Object.fromEntries(Object.entries(headers).filter(([name]) => !hop.test(name)));
  const options = { agent, port, host: '127.0.0.1', method: req.method, path: req.url, headers: kept(req.headers) };
  const out = http.request(options, (from) => {
    res.writeHead(from.statusCode, kept(from.headers));
    from.pipe(res);
  });
  out.on('error', () => res.writeHead(502).end());
  req.pipe(out);
}
