// What `@tourniquet/alacrity/data-thread` is in this repository: the source, which Node 20 cannot read by itself, and
// whose loaders do not reach into worker threads. In the published package it is the built file.
import { register } from 'tsx/esm/api'

if (!process.features.typescript) register()
await import('../src/engine/data-thread.ts')
