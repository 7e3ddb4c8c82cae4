// Builds the web app. With YOKOTEN_MOCK=1 the dev and preview servers answer the API themselves from simulated data;
// with YOKOTEN_URL they hand API calls to a running gateway. Neither is part of the build.
import { defineConfig, type PluginOption } from 'vite';

// As strict as the gateway's, so that what would be refused there is refused here.
const contentSecurityPolicy =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
  "object-src 'none'; base-uri 'none'";

async function mockApi(): Promise<PluginOption> {
  const { createMockApi } = await import('./dev/mock-server');
  const api = createMockApi();
  return {
    name: 'yokoten-mock-api',
    configureServer: server => {
      server.middlewares.use(api);
    },
    configurePreviewServer: server => {
      server.middlewares.use(api);
    },
  };
}

const gateway = process.env.YOKOTEN_URL;
const proxy = gateway
  ? { '^/yokoten\\.|^/v1/|^/healthz|^/readyz': { target: gateway, changeOrigin: true } }
  : undefined;

export default defineConfig({
  plugins: process.env.YOKOTEN_MOCK === '1' ? [mockApi()] : [],
  esbuild: { jsx: 'automatic' },
  server: proxy ? { proxy } : {},
  preview: { headers: { 'content-security-policy': contentSecurityPolicy }, ...(proxy ? { proxy } : {}) },
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  test: { include: ['src/**/*.test.ts', 'dev/**/*.test.ts'] },
} as Parameters<typeof defineConfig>[0]);
