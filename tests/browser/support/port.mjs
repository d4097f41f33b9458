// Free ports of this machine.
import net from 'node:net';

/** Lets a server listen on a free port of 127.0.0.1 and returns the port. */
export const listen = (server, port = 0) =>
  new Promise((done, failed) => {
    server.once('error', failed);
    server.listen(port, '127.0.0.1', () => done(server.address().port));
  });

/** A port nobody listens on just now: for programs that are told theirs and must get it again after a restart. */
export async function freePort() {
  const server = net.createServer();
  const port = await listen(server);
  await new Promise((done) => server.close(done));
  return port;
}
