/** What `embed.js` loads to take views over with WebAssembly. */

import { begin, imports, take_over_contact } from 'crm-module';
import { challenges } from './challenge.js';
import { guardComposing } from './composing.js';
import { context } from './context.js';
import { say } from './events.js';
import { outbox } from './outbox.js';
import { permitsWasm } from './policy.js';

/* global __WASM__ -- written in by the build: [file, integrity] */
const [FILE, INTEGRITY] = __WASM__;

/** Kind of view → what takes it over. */
const KINDS = { contact: take_over_contact };

/** Streams where the server names the type; a server of static files may not know it. */
const instantiate = async (answer) =>
  answer.headers.get('content-type') === 'application/wasm'
    ? WebAssembly.instantiateStreaming(answer, imports())
    : WebAssembly.instantiate(await answer.arrayBuffer(), imports());

const load = async (allowed) => {
  const possible = globalThis.WebAssembly && allowed !== 'off' && (allowed === 'on' || (await permitsWasm()));
  if (!possible) throw new Error('no WebAssembly');
  const { instance } = await instantiate(await fetch(new URL(FILE, import.meta.url), { integrity: INTEGRITY }));
  begin(instance);
};

let started;

/**
 * Starts the module, once for all elements of the page.
 * @param {string | null} allowed `on` or `off` when the page said so
 */
export const start = (allowed) =>
  (started ??= load(allowed).catch((error) => {
    // What failed for want of a network may be tried again.
    started = undefined;
    throw error;
  }));

const challengesOf = ({ site, form }, gateway) =>
  challenges(`${gateway}v1/sites/${encodeURIComponent(site)}/challenge?form=${encodeURIComponent(form.id)}`);

/** Takes a view over: hydrates rendered nodes, or renders where there are none. */
export const takeOver = (host, base, view, options) => {
  base.view = view;
  guardComposing(base);
  const page = { say: (name, detail) => say(host, name, detail), outbox, context };
  if (view.challenge) page.challenges = challengesOf(view, options.gateway);
  const handle = KINDS[options.kind](base, view, { ...options, ...page });
  if (!handle) throw new Error('not a view');
  return handle;
};
