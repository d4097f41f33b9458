// The gateway as operators run it: the program, a SQLite file, a definitions file.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './port.mjs';
import { end, run, start } from './process.mjs';
import { root } from './tools.mjs';
import { until } from './wait.mjs';

const builds = ['release', 'debug'].map((profile) => `${root}target/${profile}/crm-widgets`);
const program = process.env.CRM_WIDGETS_BIN ?? builds.find(existsSync);

export class Gateway {
  /** Applies `definitions` (or what it makes of the address) to a fresh database; `args` go behind `serve`. */
  static async start(definitions, args = []) {
    const gateway = new Gateway();
    gateway.folder = mkdtempSync(join(tmpdir(), 'crm-gateway-'));
    gateway.port = await freePort();
    gateway.url = `http://127.0.0.1:${gateway.port}`;
    gateway.args = args;
    gateway.env = {
      ...process.env,
      CRM_WIDGETS_LISTEN: `127.0.0.1:${gateway.port}`,
      CRM_WIDGETS_DATABASE: `sqlite:${join(gateway.folder, 'gateway.db')}`,
      CRM_WIDGETS_ALLOW_PRIVATE: '127.0.0.1',
      CRM_WIDGETS_SECRET: 'only-for-tests-'.repeat(3),
      CRM_WIDGETS_VISITOR_SUBMISSIONS: '0',
      CRM_WIDGETS_VISITOR_HOLDS: '0',
      CRM_WIDGETS_VISITOR_UPLOADS: '0',
      CRM_WIDGETS_VISITOR_CHALLENGES: '100000',
      CRM_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
    };
    await gateway.apply(typeof definitions === 'function' ? definitions(gateway.url) : definitions);
    await gateway.rise();
    return gateway;
  }

  /** Loads definitions. */
  async apply(definitions) {
    const file = join(this.folder, 'definitions.json');
    writeFileSync(file, JSON.stringify(definitions));
    await this.command('apply', file);
  }

  /** Runs a command of the program on the same database and returns what it prints. */
  command(...args) {
    return run(program, args, { env: this.env, cwd: this.folder });
  }

  /** Starts serving, and returns once it is ready. */
  async rise() {
    this.child = start(program, ['serve', ...this.args], { env: this.env, cwd: this.folder });
    await until(`the gateway to be ready`, async () => {
      if (this.child.exitCode !== null) throw new Error(this.child.output);
      return (await fetch(`${this.url}/readyz`)).ok;
    });
  }

  /** kill -9. */
  kill() {
    return end(this.child, 'SIGKILL');
  }

  /** Stored submissions whose answers contain `token`, as the export prints them. */
  async stored(token) {
    const lines = await this.command('export', '--site', 'clinic', '--format', 'jsonl');
    return lines.split('\n').filter((line) => line.includes(token)).map((line) => JSON.parse(line));
  }

  async stop() {
    await end(this.child);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
