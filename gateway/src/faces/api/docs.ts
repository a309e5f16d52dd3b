/** The OpenAPI document, and pages to read it by, all from the package: nothing is loaded from elsewhere, no script stands in a page. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Router } from 'express';
import { apiPrefix } from '@bine/shared';
import type { OpenApiDocument } from './openapi.ts';

const files = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Bine API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const start = `SwaggerUIBundle({ url: '${apiPrefix}/openapi.json', dom_id: '#docs', validatorUrl: null, deepLinking: true });\n`;

/** Swagger UI sets styles on elements and has its icons as data. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function docsRoutes(document: OpenApiDocument): Router {
  const root = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/swagger-ui.css')));
  const router = Router();
  router.get(`${apiPrefix}/openapi.json`, (_request, response) => void response.json(document));
  router.use('/docs', (_request, response, next) => {
    response.setHeader('Content-Security-Policy', policy);
    next();
  });
  router.get('/docs', (_request, response) => void response.type('html').send(page));
  router.get('/docs/start.js', (_request, response) => void response.type('js').send(start));
  for (const file of files) router.get(`/docs/${file}`, (_request, response) => response.sendFile(file, { root, maxAge: '1h' }));
  return router;
}
