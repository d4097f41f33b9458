// Firefox, spoken to in its own remote protocol (Marionette: what geckodriver translates WebDriver into).
// https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { end, start } from './process.mjs';
import { until } from './wait.mjs';

export class Firefox {
  #next = 1;
  #waiting = new Map();
  #bytes = Buffer.alloc(0);

  static async start() {
    const firefox = new Firefox();
    firefox.profile = mkdtempSync(join(tmpdir(), 'crm-firefox-'));
    writeFileSync(join(firefox.profile, 'user.js'), 'user_pref("marionette.port", 0);\n');
    const args = ['-headless', '-marionette', '-no-remote', '-profile', firefox.profile];
    firefox.child = start(process.env.CRM_FIREFOX ?? '/usr/bin/firefox-esr', args);
    const port = await until('Firefox', () => Number(readFileSync(join(firefox.profile, 'MarionetteActivePort'), 'utf8')), 60_000);
    firefox.socket = net.connect(port, '127.0.0.1').on('data', (bytes) => firefox.#hear(bytes));
    await firefox.#send('WebDriver:NewSession', { capabilities: { alwaysMatch: { pageLoadStrategy: 'normal' } } });
    return firefox;
  }

  /** Opens an address in the tab. */
  open = (url) => this.#send('WebDriver:Navigate', { url });

  /** Runs a function in the page with `args` and returns (a promise's) value. */
  script = async (code, ...args) => {
    const script = `return (${code})(...arguments)`;
    return (await this.#send('WebDriver:ExecuteScript', { script, args, newSandbox: false, sandbox: null })).value;
  };

  /** Types into what has the focus, key by key. */
  type = (text) => {
    const actions = [...text].flatMap((value) => [{ type: 'keyDown', value }, { type: 'keyUp', value }]);
    return this.#send('WebDriver:PerformActions', { actions: [{ type: 'key', id: 'keys', actions }] });
  };

  /** Closes the browser and removes its profile. */
  async stop() {
    await this.#send('Marionette:Quit', { flags: ['eForceQuit'] }).catch(() => {});
    await end(this.child, 'SIGKILL');
    rmSync(this.profile, { recursive: true, force: true });
  }

  // A message is its length in decimal, a colon and JSON: [0, id, command, parameters] or [1, id, error, result].
  #send(command, parameters) {
    const id = this.#next++;
    const message = JSON.stringify([0, id, command, parameters]);
    return new Promise((done, failed) => {
      this.#waiting.set(id, { done, failed });
      this.socket.write(`${Buffer.byteLength(message)}:${message}`);
    });
  }

  #hear(bytes) {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    for (;;) {
      const colon = this.#bytes.indexOf(':');
      const length = Number(this.#bytes.subarray(0, Math.max(colon, 0)).toString());
      if (colon < 0 || this.#bytes.length < colon + 1 + length) return;
      const message = JSON.parse(this.#bytes.subarray(colon + 1, colon + 1 + length).toString());
      this.#bytes = this.#bytes.subarray(colon + 1 + length);
      if (Array.isArray(message)) this.#settle(message);
    }
  }

  #settle([, id, error, result]) {
    const { done, failed } = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) failed(new Error(`${error.error}: ${error.message}`));
    else done(result);
  }
}
