import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// The box serves dist from its own address: no asset comes from another host, and none is inlined (the page's CSP).
export default defineConfig({
	plugins: [svelte()],
	build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, emptyOutDir: true },
	server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
});
