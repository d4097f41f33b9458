// Programs that a test starts, and ends by their own process id.
import { spawn } from 'node:child_process';

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Starts a program; its output is kept in `child.output` for messages. */
export function start(program, args, options = {}) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  child.output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (bytes) => (child.output = (child.output + bytes).slice(-20_000)));
  }
  child.gone = new Promise((done) => child.once('exit', done).once('error', done));
  running.add(child);
  child.gone.then(() => running.delete(child));
  return child;
}

/** Sends a signal and waits for the program's end. */
export async function end(child, signal = 'SIGTERM') {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  await child.gone;
}

/** Runs a program to its end and returns what it printed; throws when it fails. */
export async function run(program, args, options = {}) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let printed = '';
  let complaint = '';
  child.stdout.on('data', (bytes) => (printed += bytes));
  child.stderr.on('data', (bytes) => (complaint += bytes));
  const code = await new Promise((done, failed) => child.once('close', done).once('error', failed));
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${complaint}${printed}`);
  return printed;
}
