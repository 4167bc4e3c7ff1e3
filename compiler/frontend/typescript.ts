// The only import of the TypeScript compiler API. The package's `imports` map gives `#typescript` the types of `typescript`
// and, at run time, `load-typescript.ts`, which starts it from V8's code cache.
export { default as ts } from "#typescript";
