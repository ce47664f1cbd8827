import { defineConfig } from 'vite';

// call.js, which pages of other sites take: one plain script beside the page's own files, under a name that never changes.
export default defineConfig({
	publicDir: false,
	build: {
		target: 'es2022', emptyOutDir: false,
		lib: { entry: 'src/button/call.ts', formats: ['iife'], name: 'callbox', fileName: () => 'call.js' },
	},
}); // prettier-ignore
